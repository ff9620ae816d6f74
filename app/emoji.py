"""The emoji that are offered: in messages as they are written, and as reactions to them."""

from flask_babel import lazy_gettext

GROUPS = (
    (lazy_gettext("Faces"), "😀 😃 😄 😁 😅 😂 🙂 😉 😊 😍 😘 😜 🤗 🤔 😐 😏 😌 😴 😎 🥳 😢 😭 😱 😡".split()),
    (lazy_gettext("Gestures"), "👍 👎 👌 ✌️ 🤞 👋 🙏 👏 💪 🤝 🙌 🤷".split()),
    (lazy_gettext("Hearts"), "❤️ 🧡 💛 💚 💙 💜 🖤 💔 💯 🔥 ✨ ⭐".split()),
    (lazy_gettext("Nature"), "🌞 🌈 🌧 ❄️ 🌻 🌹 🌲 🍀 🐱 🐶 🐝 🦔".split()),
    (lazy_gettext("Things"), "☕ 🍰 🍎 🥐 🎂 🎉 🎁 🎸 📚 📷 🚲 ✈️ 🏠 💡 ✅ 🇺🇦".split()),
)
QUICK = "👍 ❤️ 😂 😱 😢 🙏".split()  # the reactions offered first
ALL = frozenset(emoji for _, emojis in GROUPS for emoji in emojis)
