"""Settings: defaults that work, wrong values named without showing them, secrets never shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.config import ApiSettings, Settings, load_settings
from sightline.core.config_view import mask_url, setting_lines
from sightline.core.errors import ConfigInvalid

STRONG = "n4Zq8vK2xW7rT1yB5mJ9cD3fG6hL0pSeQa"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def test_nothing_must_be_set() -> None:
    settings = load_settings()
    assert settings.database.url is None
    assert settings.redis.url is None
    assert settings.storage.kind == "filesystem"
    assert settings.recognition.unknown == "crop"
    assert settings.recognition.unknown_hours == 24


def test_every_key_is_explained() -> None:
    unexplained = [line.key for line in setting_lines(Settings(), {}) if len(line.description) < 10]
    assert unexplained == []


def test_a_variable_reaches_its_key_and_is_named_as_its_origin(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIGHTLINE_API__PORT", "9000")
    lines = {line.key: line for line in setting_lines(load_settings(), {"SIGHTLINE_API__PORT": "9000"})}
    assert (lines["api.port"].value, lines["api.port"].origin) == ("9000", "environment")
    assert lines["api.port"].variable == "SIGHTLINE_API__PORT"
    assert lines["api.host"].origin == "default"


def test_a_tilde_means_the_home(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIGHTLINE_DATA_DIR", "~/sightline")
    assert load_settings().data_dir == Path.home() / "sightline"


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1", None, "http://localhost:8000"),
        ("0.0.0.0", None, "http://localhost:8000"),
        ("192.0.2.7", None, "http://192.0.2.7:8000"),
        ("2001:db8::1", None, "http://[2001:db8::1]:8000"),
        ("0.0.0.0", "https://watch.example/", "https://watch.example"),
    ],
)
def test_users_are_shown_an_address_that_works(host: str, public: str | None, address: str) -> None:
    assert ApiSettings(host=host, port=8000, public_url=public).url == address


def test_secrets_are_masked_wherever_they_stand(environment: pytest.MonkeyPatch) -> None:
    values = {
        "SIGHTLINE_DATABASE__URL": "postgresql://app:hunter2@db/sightline?sslmode=require",
        "SIGHTLINE_REDIS__URL": "redis://:hunter2@cache:6379/0",
        "SIGHTLINE_JWT__SECRET_KEY": f"{STRONG}hunter2",
        "SIGHTLINE_STORAGE__KIND": "s3",
        "SIGHTLINE_STORAGE__ACCESS_KEY": "app",
        "SIGHTLINE_STORAGE__SECRET_KEY": "hunter2",
        "SIGHTLINE_STORAGE__ENDPOINT": "http://app:hunter2@s3:8333",
        "SIGHTLINE_SMTP__PASSWORD": "hunter2",
    }
    for name, value in values.items():
        environment.setenv(name, value)
    settings = load_settings()
    lines = {line.key: line.value for line in setting_lines(settings, values)}
    assert "hunter2" not in str(lines)
    assert "hunter2" not in str(settings.model_dump()).replace("http://app:hunter2@s3:8333", "")
    assert lines["database.url"] == "postgresql://app:***@db/sightline?sslmode=require"
    assert lines["redis.url"] == "redis://:***@cache:6379/0"
    assert lines["storage.secret_key"] == lines["jwt.secret_key"] == lines["smtp.password"] == "***"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SIGHTLINE_DATABASE__URL", "mysql://app:hunter2@db/x", "postgresql://"),
        ("SIGHTLINE_REDIS__URL", "http://:hunter2@cache", "redis://"),
        ("SIGHTLINE_STORAGE__KIND", "s3", "access_key and secret_key"),
        ("SIGHTLINE_JWT__SECRET_KEY", "hunter2", "at least 32 random characters"),
        ("SIGHTLINE_JWT__SECRET_KEY", "change-me-" + "hunter2" * 8, "at least 32 random characters"),
        ("SIGHTLINE_RECOGNITION__UNKNOWN", "template", "unknown_purpose"),
        ("SIGHTLINE_API__PORT", "99999", "65535"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    environment: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(ConfigInvalid, match=words) as caught:
        load_settings()
    assert variable.rpartition("__")[0] in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint


@given(user=st.from_regex(r"[a-z]{1,8}", fullmatch=True), password=st.from_regex(r"[A-Z0-9%~:]{6,20}", fullmatch=True))
def test_no_password_of_an_address_survives_masking(user: str, password: str) -> None:
    masked = mask_url(f"rtsp://{user}:{password}@camera:554/stream?password={password}")
    assert password not in masked
    assert masked == f"rtsp://{user}:***@camera:554/stream?password=***"
