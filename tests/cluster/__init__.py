"""An OpenSearch cluster on loopback: started for the tests, or one that OPENSEARCH_URL names."""
