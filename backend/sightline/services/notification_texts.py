"""What notifications say: default texts in five languages, and a channel's own templates."""

from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Final
from zoneinfo import ZoneInfo

from sightline.schemas.channels import AnyChannel
from sightline.schemas.notification_templates import Language


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text may say of an alert. watchlist, rule: empty where there is none."""

    alert_id: str
    camera: str
    severity: str
    watchlist: str
    rule: str
    matched_at: datetime
    level: int
    link: str
    acknowledge_link: str


@dataclass(frozen=True, slots=True)
class Words:
    """The default texts of one language."""

    severities: tuple[str, str, str, str]
    title: str
    escalated: str
    text: str
    open: str
    acknowledge: str
    test_title: str
    test_text: str
    date: str = "%Y-%m-%d %H:%M:%S %Z"


@dataclass(frozen=True, slots=True)
class Texts:
    """Title and text of one notification."""

    title: str
    text: str


_ORDER: Final = ("low", "medium", "high", "critical")
WORDS: Final = {
    Language.EN: Words(
        ("low", "medium", "high", "critical"), "Match at $camera ($severity)", "Not acknowledged (step $level): ",
        "Camera: $camera\nTime: $time", "Open the alert", "Acknowledge", "Sightline: test",
        "This is a test. Somebody pressed the button.",
    ),
    Language.DE: Words(
        ("niedrig", "mittel", "hoch", "kritisch"), "Treffer an $camera ($severity)", "Nicht bestätigt (Stufe $level): ",
        "Kamera: $camera\nZeit: $time", "Alarm öffnen", "Bestätigen", "Sightline: Test",
        "Dies ist ein Test. Jemand hat den Knopf gedrückt.", "%d.%m.%Y %H:%M:%S %Z",
    ),
    Language.FR: Words(
        ("faible", "moyenne", "élevée", "critique"), "Correspondance : $camera ($severity)",
        "Non acquittée (étape $level) : ", "Caméra : $camera\nHeure : $time", "Ouvrir l’alerte", "Acquitter",
        "Sightline : test", "Ceci est un test. Quelqu’un a appuyé sur le bouton.", "%d/%m/%Y %H:%M:%S %Z",
    ),
    Language.ES: Words(
        ("baja", "media", "alta", "crítica"), "Coincidencia en $camera ($severity)", "Sin confirmar (paso $level): ",
        "Cámara: $camera\nHora: $time", "Abrir la alerta", "Confirmar", "Sightline: prueba",
        "Esto es una prueba. Alguien pulsó el botón.", "%d/%m/%Y %H:%M:%S %Z",
    ),
    Language.AR: Words(
        ("منخفضة", "متوسطة", "عالية", "حرجة"), "تطابق عند $camera ($severity)", "لم يتم التأكيد (المرحلة $level): ",
        "الكاميرا: $camera\nالوقت: $time", "فتح التنبيه", "تأكيد الاستلام", "Sightline: اختبار",
        "هذا اختبار. ضغط أحدهم الزر.",
    ),
}  # fmt: skip


def of_alert(channel: AnyChannel, facts: Facts) -> Texts:
    """By the channel's templates, else in its language. An escalation says so before a default title."""
    words = WORDS[channel.language]
    values = {
        "alert_id": facts.alert_id,
        "camera": facts.camera,
        "severity": words.severities[_ORDER.index(facts.severity)],
        "watchlist": facts.watchlist,
        "rule": facts.rule,
        "time": facts.matched_at.astimezone(ZoneInfo(channel.time_zone)).strftime(words.date),
        "level": str(facts.level),
        "link": facts.link,
        "acknowledge_link": facts.acknowledge_link,
    }
    title = channel.title_template or (words.escalated if facts.level else "") + words.title
    text = channel.text_template or words.text
    return Texts(Template(title).safe_substitute(values), Template(text).safe_substitute(values))


def of_test(channel: AnyChannel) -> Texts:
    """What the button sends."""
    words = WORDS[channel.language]
    return Texts(words.test_title, words.test_text)
