package dev.replisync.example.todo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.regex.Pattern;

/** The page, from the class path, where the build has put it if Node was there. */
final class WebPage {
    private static final Pattern FILE = Pattern.compile("[a-z0-9-]+\\.(html|js|css|map|svg)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=utf-8",
            "js", "text/javascript;charset=utf-8",
            "css", "text/css;charset=utf-8",
            "map", "application/json",
            "svg", "image/svg+xml");
    private static final String MISSING = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>Replisync todo</title>
            <h1>The server runs, the page was not built</h1>
            <p>The page is made from the npm package <code>replicache</code>, which is not redistributed here.
            Install Node 20 or later with npm and build again:</p>
            <pre>mvn -B -q -DskipTests package &amp;&amp; java -jar examples/todo/target/todo.jar</pre>
            <p>Push, pull and poke are served all the same, below <code>/api/replicache/</code>.</p>
            """;

    private final boolean windows;

    /** With or without what sets a window. */
    WebPage(boolean windows) {
        this.windows = windows;
    }

    void send(Context ctx, String file) throws IOException {
        InputStream content = FILE.matcher(file).matches() ? WebPage.class.getResourceAsStream("/web/" + file) : null;
        if (content != null) {
            ctx.minSizeForCompression(1024).contentType(type(file)).header("Cache-Control", "no-cache");
            try (content) {
                byte[] bytes = content.readAllBytes();
                ctx.result(windows && file.equals("index.html") ? withWindows(bytes) : bytes);
            }
        } else if (file.equals("index.html")) {
            ctx.contentType(type(file)).result(MISSING);
        } else {
            ctx.status(404).result("not found");
        }
    }

    private static byte[] withWindows(byte[] html) {
        return new String(html, UTF_8)
                .replace("<html lang=\"en\">", "<html lang=\"en\" data-windows>")
                .getBytes(UTF_8);
    }

    private static String type(String file) {
        return TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "application/octet-stream");
    }
}
