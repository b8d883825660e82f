"""A typed client for services downstream: what is believed so far, then every change of it.

async with Client(brokers="kafka:9092") as client:
    async for item in client.follow(TallyValue, agreement="SY-COH-2016-02", verdict="VIOLATION"):
        match item:
            case Update(): ...      # a count that is there, another one, or gone
            case CaughtUp(): ...    # that was the state so far; from here on it is news
            case Unreadable(): ...  # a record that cannot be read: never passed over in silence
"""

from cohstream.client.client import Client
from cohstream.client.following import Following
from cohstream.client.items import CaughtUp, Item, Unreadable, Update
from cohstream.client.position import Position
from cohstream.publish.values import AssessmentValue, ChangeValue, ClaimValue, IncidentValue, TallyValue

__all__ = [
    "AssessmentValue",
    "CaughtUp",
    "ChangeValue",
    "ClaimValue",
    "Client",
    "Following",
    "IncidentValue",
    "Item",
    "Position",
    "TallyValue",
    "Unreadable",
    "Update",
]
