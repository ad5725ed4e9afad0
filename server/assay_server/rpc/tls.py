"""TLS from files, which may be replaced while the server runs."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

from assay_server.settings import SettingsError

_log = structlog.stdlib.get_logger(__name__)


class TlsError(SettingsError):
    """The files do not make a TLS configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where certificates and keys are, all in PEM."""

    certificate: Path
    key: Path
    client_ca: Path | None = None
    """Who signs the callers' certificates; where it is given, callers must have one."""

    def credentials(self) -> grpc.ServerCredentials:
        """Return credentials that follow the files: each new connection gets what they hold by then.

        Raises:
            TlsError: If a file cannot be read, or certificate and key do not belong together.
        """
        configuration = self._read()
        stamp = self._stamp()

        def changed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal stamp
            found = self._stamp()
            if found == stamp:
                return None
            try:
                replacement = self._read()
            except TlsError as error:  # Half of the files may be in place: the next connection looks again.
                _log.warning("certificates not replaced", reason=str(error))
                return None
            stamp = found
            _log.info("certificates replaced", certificate=str(self.certificate))
            return replacement

        return grpc.dynamic_ssl_server_credentials(
            configuration,
            changed,  # type: ignore[arg-type]  # The stubs forget that None stands for no change.
            require_client_authentication=self.client_ca is not None,
        )

    def _paths(self) -> list[Path]:
        return [path for path in (self.certificate, self.key, self.client_ca) if path is not None]

    def _stamp(self) -> tuple[tuple[int, int, int], ...] | None:
        try:
            statuses = [path.stat() for path in self._paths()]
        except OSError:
            return None
        return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in statuses)

    def _read(self) -> grpc.ServerCertificateConfiguration:
        try:
            contents = [path.read_bytes() for path in self._paths()]
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError.
            raise TlsError(f"{', '.join(map(str, self._paths()))}: {error}") from error
        certificate, key, *client_ca = contents
        return grpc.ssl_server_certificate_configuration([(key, certificate)], client_ca[0] if client_ca else None)


def _no_password() -> str:
    """Take the place of OpenSSL's question on the terminal."""
    raise ValueError("the key is encrypted: give one that is not")
