"""Deployments for the tests of the client, on the Kafka that all live tests share."""

from tests.live.conftest import deploy

__all__ = ["deploy"]
