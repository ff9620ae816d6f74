"""What a device is called, by the long way in which it says what it is."""

import pytest
from flask import Flask

from app.devices import device_of
from app.language import force_locale

MOZILLA, KHTML = "Mozilla/5.0 ", "AppleWebKit/537.36 (KHTML, like Gecko) "
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPHONE = MOZILLA + "(iPhone; CPU iPhone OS 18_6 like Mac OS X) " + APPLE
WINDOWS, MAC = "(Windows NT 10.0; Win64; x64) ", "(Macintosh; Intel Mac OS X 10_15_7) "


@pytest.mark.parametrize(
    ("said", "name", "held"),
    [
        (MOZILLA + "(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux", False),
        (MOZILLA + "(Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android", True),
        (IPHONE + "Version/18.6 Mobile/15E148 Safari/604.1", "Safari on iPhone", True),
        (IPHONE + "CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone", True),
        (IPHONE + "FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone", True),
        (IPHONE.replace("iPhone", "iPad") + "Version/18.6 Mobile/15E148 Safari/604.1", "Safari on iPad", True),
        (MOZILLA + "(Linux; Android 10; K) " + KHTML + "Chrome/140 Mobile Safari/537.36", "Chrome on Android", True),
        (
            MOZILLA + "(Linux; Android 10; K) " + KHTML + "SamsungBrowser/28 Chrome/130 Mobile Safari/537.36",
            "Samsung Internet on Android",
            True,
        ),
        (MOZILLA + WINDOWS + KHTML + "Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows", False),
        (MOZILLA + WINDOWS + KHTML + "Chrome/140.0 Safari/537.36 OPR/120.0", "Opera on Windows", False),
        (MOZILLA + MAC + APPLE + "Version/18.6 Safari/605.1.15", "Safari on macOS", False),
        (MOZILLA + "(X11; CrOS x86_64 16000) " + KHTML + "Chrome/140.0 Safari/537.36", "Chrome on ChromeOS", False),
        (MOZILLA + "(X11; Linux x86_64) " + KHTML + "HeadlessChrome/140 Safari/537.36", "Chrome on Linux", False),
        ("Lynx/2.9 (Linux)", "Linux", False),
        ("Firefox/1", "Firefox", False),
        ("", "Another device", False),
        ("curl/8.14", "Another device", False),
        ("😀\u202eперехід", "Another device", False),
    ],
)
def test_a_device_has_a_name_its_owner_knows(app: Flask, said: str, name: str, held: bool) -> None:
    with app.test_request_context(), force_locale("en"):
        assert device_of(said) == (name, held)
