"""Given and family names in many scripts, and the hostile ones that every screen must survive.

Plain tuples: a name is drawn by a number, so that a world is the same for the same seed on every machine.
"""

from __future__ import annotations

LATIN_GIVEN = (
    "Ada", "Ben", "Carla", "Dario", "Elena", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Katja", "Liam", "Maya", "Noor", "Olga",
    "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Viktor", "Wendy", "Ximena", "Yara", "Zoë", "Amélie", "Björn", "Chloé",
    "Dáithí", "Ebba", "Şeyma", "Ngozi", "Thị Mai", "Łukasz", "Siobhán", "Marcus", "Priya", "Kwame", "Ingrid",
)  # fmt: skip
LATIN_FAMILY = (
    "Abbott", "Berg", "Costa", "Dubois", "Eriksen", "Ferrari", "García", "Hansen", "Ivanova", "Jansen", "Keller", "Lindqvist",
    "Moreau", "Nguyễn", "Okafor", "Petrov", "Quiroga", "Rossi", "Søndergaard", "Tanaka", "Urquhart", "Vargas", "Weiß", "Xu",
    "Yıldız", "Zieliński", "O'Connor", "McBride", "van der Meer", "Müller", "Smith", "Jones", "Patel", "Silva", "Kaya", "Roe",
    "Acheampong", "Bianchi", "Novák", "Horváth",
)  # fmt: skip
OTHER_SCRIPTS = (
    "山田 太郎", "佐藤 花子", "鈴木 一郎", "高橋 さくら", "王小明", "李娜", "張偉", "陳美玲", "김민준", "이서연", "박지훈", "최수아",
    "محمد الأحمد", "فاطمة الزهراء", "يوسف حداد", "ליאור כהן", "נועה לוי", "Иван Петров", "Ольга Смирнова", "Дмитро Шевченко",
    "Νίκος Παπαδόπουλος", "Μαρία Γεωργίου", "राहुल शर्मा", "प्रिया सिंह", "अनिल कुमार", "மீனா ராஜன்", "রহিম উদ্দিন", "สมชาย ใจดี",
    "გიორგი ბერიძე", "Արամ Սարգսյան", "ቤተልሔም ታደሰ", "Nguyễn Thị Hồng Nhung", "🦄 Luna Ray", "Max 👩‍👩‍👧‍👦 Family", "Zoe 🇯🇵 Travel",
)  # fmt: skip
LONG = (
    "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Senior of the Consolidated International Course Company",
    "María de los Ángeles Guadalupe Fernández-Villaverde y Rodríguez de la Borbolla",
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz Kursanbieter GmbH & Co. KG",
)
HOSTILE = (
    "[/] [bold]x",
    "[/] [bold]x\x1b[31m red \x1b]0;owned\x07\x1b[2J",
    "[link=https://evil.example]click[/link] [red",
    "\u202eevil\u202c right-to-left \u2066over\u2069ride",
    '=HYPERLINK("https://evil.example","pay")',
    "+1+cmd|' /C calc'!A0",
    "-2+3 @SUM(1)",
    "Robert'); DROP TABLE cases;--",
    "<script>alert(1)</script>",
    "tab\there\nand a second line\rand a third",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "\u200b\u200d\ufeffzero\u200bwidth",
    "{name} %s ${HOME} {{7*7}}",
    "A" * 520,
    "長" * 510,
)
COMPANIES = (
    "acme",
    "river",
    "lake",
    "summit",
    "harbor",
    "maple",
    "orchid",
    "falcon",
    "nova",
    "quartz",
    "willow",
    "zephyr",
)
DOMAINS = ("test", "example")
