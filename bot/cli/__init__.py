"""What can be done in a terminal?"""
