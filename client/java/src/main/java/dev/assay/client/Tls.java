package dev.assay.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Transport security: {@code Tls.systemRoots()} trusts the system's authorities and shows no
 * certificate of its own; {@code Tls.trusting(ca).withIdentity(certificate, key)} does both.
 *
 * <p>Everything is PEM; a private key is in PKCS #8.
 */
public final class Tls {
  private final byte[] authorities;
  private final byte[] certificateChain;
  private final byte[] privateKey;
  private final String serverName;

  private Tls(byte[] authorities, byte[] certificateChain, byte[] privateKey, String serverName) {
    this.authorities = authorities;
    this.certificateChain = certificateChain;
    this.privateKey = privateKey;
    this.serverName = serverName;
  }

  /** Trusts the authorities that the system trusts. */
  public static Tls systemRoots() {
    return new Tls(null, null, null, null);
  }

  /** Trusts the authorities in PEM, and no others. */
  public static Tls trusting(byte[] authorities) {
    return new Tls(authorities.clone(), null, null, null);
  }

  /**
   * Trusts the authorities in a file, and no others.
   *
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Tls trusting(Path authorities) {
    return trusting(read(authorities));
  }

  /** Returns this, with which the client shows who it is (mTLS). */
  public Tls withIdentity(byte[] certificateChain, byte[] privateKey) {
    return new Tls(authorities, certificateChain.clone(), privateKey.clone(), serverName);
  }

  /**
   * Returns this, with which the client shows who it is (mTLS).
   *
   * @throws UncheckedIOException if a file cannot be read
   */
  public Tls withIdentity(Path certificateChain, Path privateKey) {
    return withIdentity(read(certificateChain), read(privateKey));
  }

  /** Returns this for a server whose certificate is for another name than that in the address. */
  public Tls withServerName(String serverName) {
    Objects.requireNonNull(serverName, "serverName");
    return new Tls(authorities, certificateChain, privateKey, serverName);
  }

  Optional<byte[]> authorities() {
    return Optional.ofNullable(authorities);
  }

  Optional<byte[]> certificateChain() {
    return Optional.ofNullable(certificateChain);
  }

  Optional<byte[]> privateKey() {
    return Optional.ofNullable(privateKey);
  }

  Optional<String> serverName() {
    return Optional.ofNullable(serverName);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException error) {
      throw new UncheckedIOException("cannot read " + file, error);
    }
  }
}
