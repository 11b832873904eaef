"""Names of States where the CLDR's are not those of the United Nations (UNTERM), and names that changed, by day.

A State of these tables that has no name in a language keeps the roster's own: a name that is wrong, in a letter to that
very State, is worse than an English one.
"""

from __future__ import annotations

from datetime import date

_ESWATINI = date(2018, 4, 19)
_NORTH_MACEDONIA = date(2019, 2, 12)
_TURKIYE = date(2022, 6, 2)
_CHANGED = {"MK": _NORTH_MACEDONIA, "SZ": _ESWATINI, "TR": _TURKIYE}
"""The day of a State's present name."""

_BEFORE = {
    "MK": {
        "fr": "ex-République yougoslave de Macédoine", "es": "ex República Yugoslava de Macedonia",
        "ru": "бывшая югославская Республика Македония",
    },
    "SZ": {"fr": "Swaziland", "es": "Swazilandia", "ru": "Свазиленд", "ar": "سوازيلند", "zh": "斯威士兰"},
    "TR": {"fr": "Turquie", "es": "Turquía", "ru": "Турция", "ar": "تركيا", "zh": "土耳其"},
}  # fmt: skip
_OFFICIAL = {
    "BN": {"fr": "Brunéi Darussalam", "es": "Brunei Darussalam"},
    "BO": {"fr": "État plurinational de Bolivie", "es": "Estado Plurinacional de Bolivia"},
    "BW": {"es": "Botswana"},
    "CD": {"fr": "République démocratique du Congo"},
    "CG": {"fr": "Congo"},
    "CV": {"fr": "Cabo Verde"},
    "DJ": {"es": "Djibouti"},
    "FJ": {"es": "Fiji"},
    "FM": {"fr": "États fédérés de Micronésie", "es": "Estados Federados de Micronesia"},
    "GW": {"es": "Guinea-Bissau"},
    "IQ": {"fr": "Iraq", "es": "Iraq"},
    "IR": {"fr": "République islamique d’Iran", "es": "República Islámica del Irán"},
    "KE": {"es": "Kenya"},
    "KN": {"fr": "Saint-Kitts-et-Nevis", "es": "Saint Kitts y Nevis"},
    "KP": {
        "fr": "République populaire démocratique de Corée", "es": "República Popular Democrática de Corea",
    },
    "KR": {"fr": "République de Corée", "es": "República de Corea"},
    "LA": {
        "fr": "République démocratique populaire lao", "es": "República Democrática Popular Lao",
        "ru": "Лаосская Народно-Демократическая Республика", "ar": "جمهورية لاو الديمقراطية الشعبية",
        "zh": "老挝人民民主共和国",
    },
    "LR": {"fr": "Libéria"},
    "LS": {"es": "Lesotho"},
    "MD": {"fr": "République de Moldova", "es": "República de Moldova"},
    "MK": {"fr": "Macédoine du Nord", "es": "Macedonia del Norte", "ru": "Северная Македония"},
    "MW": {"es": "Malawi"},
    "NG": {"fr": "Nigéria"},
    "NU": {"fr": "Nioué"},
    "NZ": {"es": "Nueva Zelandia"},
    "PS": {
        "fr": "État de Palestine", "es": "Estado de Palestina", "ru": "Государство Палестина", "ar": "دولة فلسطين",
        "zh": "巴勒斯坦国",
    },
    "RU": {"fr": "Fédération de Russie", "es": "Federación de Rusia"},
    "RW": {"es": "Rwanda"},
    "SV": {"fr": "El Salvador"},
    "SY": {"fr": "République arabe syrienne", "es": "República Árabe Siria"},
    "SZ": {"fr": "Eswatini", "es": "Eswatini", "ru": "Эсватини", "ar": "إسواتيني", "zh": "斯威士兰"},
    "TR": {"fr": "Türkiye", "es": "Türkiye"},
    "TZ": {"fr": "République-Unie de Tanzanie", "es": "República Unida de Tanzanía"},
    "US": {"fr": "États-Unis d’Amérique", "es": "Estados Unidos de América"},
    "VA": {
        "fr": "Saint-Siège", "es": "Santa Sede", "ru": "Святой Престол", "ar": "الكرسي الرسولي", "zh": "教廷",
    },
    "VE": {"fr": "République bolivarienne du Venezuela", "es": "República Bolivariana de Venezuela"},
    "VN": {"fr": "Viet Nam", "es": "Viet Nam"},
    "ZW": {"es": "Zimbabwe"},
}  # fmt: skip
_CAREFUL = frozenset({"LA", "MK", "PS", "SZ", "VA"})
"""States that the CLDR calls what they are not called, in every language."""


def name(iso: str, language: str, on: date, usual: str | None) -> str | None:
    """What a State was called in a language on a day; `usual` is the CLDR's name. None: nobody has said."""
    if iso in _CHANGED and on < _CHANGED[iso]:
        return _BEFORE[iso].get(language)
    return _OFFICIAL.get(iso, {}).get(language) or (None if iso in _CAREFUL else usual)


def official(language: str) -> frozenset[str]:
    """All names of these tables in a language."""
    return frozenset(names[language] for table in (_OFFICIAL, _BEFORE) for names in table.values() if language in names)
