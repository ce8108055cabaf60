/** Trino's server as jars on a class path: its releases on Maven Central bring no archive any more. */
public class Boot {
    public static void main(String[] arguments) {
        new io.trino.server.Server().start("483");
    }
}
