#!/usr/bin/env bash
# makemessages as this project runs it, in the current folder, for the languages named: one place
# for its options, shared by `make messages` and by the check that looks for missing translations.
set -euo pipefail
python="$(cd "$(dirname "$0")/.." && pwd)/.venv/bin/python"

options=()
for language in "$@"; do
    options+=(--locale "$language")
    catalogue="locale/$language/LC_MESSAGES/django.po"
    [[ -e $catalogue ]] && continue
    mkdir -p "${catalogue%/*}"
    # A head that makemessages keeps. Thai, Lao and Khmer have one form for any number of things.
    cat >"$catalogue" <<EOF
msgid ""
msgstr ""
"Language: $language\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
EOF
done

# Without settings: nothing has to be configured to read the texts.
env -u DJANGO_SETTINGS_MODULE "$python" -m django makemessages --verbosity 0 \
    --add-location file --extension html,txt,py,xml \
    --ignore ".venv" --ignore "var" --ignore "tests" --ignore "scripts" --ignore "node_modules" \
    "${options[@]}"

# A date that changes at every run would make every two branches conflict.
for language in "$@"; do
    sed -i.old '/^"POT-Creation-Date:/d' "locale/$language/LC_MESSAGES/django.po"
    rm "locale/$language/LC_MESSAGES/django.po.old"
done
