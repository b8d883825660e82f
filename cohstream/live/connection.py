"""Whether a broker lets us in; and if none does, why, and what to do about it.

aiokafka's clients log the reason and raise another error without it, so a connection is tried before they start.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import gaierror

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from cohstream.errors import ConfigError
from cohstream.live.settings import LiveSettings

ANSWER_SECONDS = 10.0
WRONG_NAME = (62, 64)
"""OpenSSL's codes for a certificate of another host name, or of another address."""


async def reach(settings: LiveSettings) -> None:
    """Return once a broker let us in. Raises :class:`ConfigError` with the reason if none did."""
    how = {name: value for name, value in settings.client().items() if name != "bootstrap_servers"}
    reasons = []
    for host, port, _ in collect_hosts(settings.brokers, randomize=False):
        try:
            connection = await create_conn(host, port, request_timeout_ms=int(ANSWER_SECONDS * 1000), **how)
            try:
                await connection.send(MetadataRequest([]))
                return
            finally:
                connection.close()
        except (OSError, KafkaError) as error:
            reasons.append(reason_of(error, f"{host}:{port}", settings))
    others = f" (nor does any other of {len(reasons)} brokers let us in)" if len(reasons) > 1 else ""
    raise ConfigError(reasons[0] + others)


@asynccontextmanager
async def admin_of(settings: LiveSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client. Raises :class:`ConfigError` if it is not let in, or is refused something later."""
    await reach(settings)
    admin = AIOKafkaAdminClient(**settings.client())
    try:
        await admin.start()
        yield admin
    except (OSError, KafkaError) as error:
        raise ConfigError(
            f"the brokers at {settings.brokers} refuse: {error!r}; check that all of them are up, "
            "and what this login may do"
        ) from None
    finally:
        await admin.close()


def reason_of(error: OSError | KafkaError, broker: str, settings: LiveSettings) -> str:
    """One line: what is wrong with ``broker``, and what to do."""
    match error:
        case ssl.SSLCertVerificationError() if error.verify_code in WRONG_NAME:
            return f"{broker} has a certificate of another name: {error.verify_message}; mend COHSTREAM_BROKERS"
        case ssl.SSLCertVerificationError():
            return (
                f"the certificate of {broker} is not trusted: {error.verify_message}; "
                "name the PEM file of its CA by COHSTREAM_TLS_CA"
            )
        case SaslAuthenticationFailed():
            return (
                f"{broker} does not accept user {settings.sasl_username!r} with this password by "
                f"{settings.sasl_mechanism}; check COHSTREAM_SASL_USERNAME, _PASSWORD and _MECHANISM"
            )
        case UnsupportedSaslMechanismError():
            return f"{broker} does not offer {settings.sasl_mechanism}; set another COHSTREAM_SASL_MECHANISM"
        case IllegalSaslStateError():
            return f"{broker} takes no login; unset COHSTREAM_SASL_MECHANISM, or name its port for SASL"
        case ConnectionRefusedError():
            return f"nothing listens at {broker}; start Kafka, or mend COHSTREAM_BROKERS"
        case gaierror():
            return f"the host name of {broker} is unknown; mend COHSTREAM_BROKERS"
        case TimeoutError():
            return f"{broker} does not answer in {ANSWER_SECONDS:.0f} s; check COHSTREAM_BROKERS and firewalls"
        case KafkaConnectionError() | ConnectionError() | ssl.SSLError():
            return f"{broker} hangs up; {_hint(settings)}"
        case OSError():
            return f"{broker} cannot be reached: {error.strerror or error}; check COHSTREAM_BROKERS"
        case _:
            return f"{broker} refuses: {error!r}; check COHSTREAM_BROKERS and what this login may do"


def _hint(settings: LiveSettings) -> str:
    """What a broker may miss, or not understand, when it closes the connection without a word."""
    if not settings.tls:
        return "if this port speaks TLS, set COHSTREAM_TLS=true"
    if settings.sasl_mechanism:
        return "if this port speaks no TLS, set COHSTREAM_TLS=false"
    return "if this port wants a login, set COHSTREAM_SASL_MECHANISM; if it speaks no TLS, set COHSTREAM_TLS=false"
