import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.transport.BoundTransportAddress;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;
import org.opensearch.transport.TransportService;

/**
 * A node of a cluster on loopback, without the checks of a production server.
 *
 * <p>Arguments: its name; its folder; the transport addresses of nodes to join, or an empty text to
 * found a cluster; the port of its HTTP server, 0 for any. It prints the ports of its HTTP server
 * and of its transport, and ends with its standard input.
 */
final class TestNode extends Node {
    private TestNode(Settings settings) {
        super(
                InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> ""),
                List.of(Netty4Plugin.class, ReindexPlugin.class),
                true);
    }

    public static void main(String[] arguments) throws Exception {
        String name = arguments[0];
        Path home = Path.of(arguments[1]);
        String join = arguments[2];
        PrintStream output = System.out;
        System.setOut(System.err); // for logs
        TestNode node =
                new TestNode(
                        Settings.builder()
                                .put("cluster.name", "footnote-tests")
                                .put("node.name", name)
                                .put("path.home", home)
                                .put("network.host", "127.0.0.1")
                                .put("http.port", arguments[3])
                                .put("transport.port", "0")
                                .put("discovery.seed_hosts", join)
                                .put(
                                        "cluster.initial_cluster_manager_nodes",
                                        join.isEmpty() ? name : "")
                                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                                .build());
        node.start();
        output.println(
                port(node.injector().getInstance(HttpServerTransport.class).boundAddress())
                        + " "
                        + port(node.injector().getInstance(TransportService.class).boundAddress()));
        while (System.in.read() >= 0) {}
        Runtime.getRuntime().halt(0);
    }

    private static int port(BoundTransportAddress address) {
        return address.publishAddress().getPort();
    }
}
