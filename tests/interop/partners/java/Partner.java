// A partner in Java: java.net.http with a PKCS#12 keystore. The arguments: the truststore, and the password of both.
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Partner {
  static char[] password;
  static String truststore;

  public static void main(String[] arguments) throws Exception {
    truststore = arguments[0];
    password = arguments[1].toCharArray();
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      var fields = line.split("\t", -1);
      var said = fields[1].startsWith("wss:") ? talk(fields) : ask(fields);
      System.out.println(said);
    }
    System.exit(0);
  }

  static HttpClient client(String version, String keystore) throws Exception {
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store(truststore));
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    if (!keystore.isEmpty()) own.init(store(keystore), password);
    var context = SSLContext.getInstance("TLS");
    context.init(keystore.isEmpty() ? null : own.getKeyManagers(), trust.getTrustManagers(), null);
    return HttpClient.newBuilder()
        .sslContext(context)
        .version(version.equals("2") ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
        .build();
  }

  static KeyStore store(String path) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    try (var file = new FileInputStream(path)) {
      store.load(file, password);
    }
    return store;
  }

  static String ask(String[] fields) throws Exception {
    var uri = URI.create(fields[1]);
    var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(Long.parseLong(fields[4])));
    if (!fields[2].equals(uri.getHost())) request.header("Host", fields[2]);
    try {
      var answer = client(fields[0], fields[3]).send(request.build(), HttpResponse.BodyHandlers.ofString());
      var version = answer.version() == HttpClient.Version.HTTP_2 ? "2" : "1.1";
      return answer.statusCode() + "\t" + version + "\t" + inOneLine(answer.body());
    } catch (Exception error) {
      return "0\t\t" + inOneLine(error.toString());
    }
  }

  static String inOneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  /** Says one thing, and tells what comes back. */
  static String talk(String[] fields) throws Exception {
    var heard = new CompletableFuture<String>();
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            heard.complete(text.toString());
            return null;
          }

          @Override
          public void onError(WebSocket socket, Throwable error) {
            heard.completeExceptionally(error);
          }
        };
    try {
      var socket = client("1.1", fields[3]).newWebSocketBuilder().buildAsync(URI.create(fields[1]), listener).get(15, TimeUnit.SECONDS);
      socket.request(1);
      socket.sendText("hello", true);
      var text = heard.get(15, TimeUnit.SECONDS);
      socket.abort();
      return "101\t1.1\t" + inOneLine(text);
    } catch (Exception error) {
      var cause = error.getCause() == null ? error : error.getCause();
      if (cause instanceof java.net.http.WebSocketHandshakeException refused)
        return refused.getResponse().statusCode() + "\t1.1\t" + inOneLine(cause.toString());
      return "0\t\t" + inOneLine(cause.toString());
    }
  }
}
