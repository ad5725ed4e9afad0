package dev.assay.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which version of the client this is; Maven writes it into a resource. */
final class Version {
  static final String CURRENT = read();

  private Version() {}

  private static String read() {
    try (InputStream file = Version.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      if (file != null) {
        properties.load(file);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException error) {
      return "unknown";
    }
  }
}
