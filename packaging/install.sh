#!/bin/sh
# Puts the unpacked program into this user's menu and hands it `jalon://` links. Run it where it was unpacked.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
share="${XDG_DATA_HOME:-$HOME/.local/share}"
mkdir -p "$share/applications" "$share/icons/hicolor/scalable/apps"
cp "$here/jalon.svg" "$share/icons/hicolor/scalable/apps/jalon.svg"
sed "s|^Exec=jalon-desktop|Exec=\"$here/jalon-desktop\"|" "$here/jalon.desktop" >"$share/applications/jalon.desktop"
command -v update-desktop-database >/dev/null 2>&1 && update-desktop-database "$share/applications" || :
command -v xdg-mime >/dev/null 2>&1 && xdg-mime default jalon.desktop x-scheme-handler/jalon || :
echo "Jalon is in the menu, and opens jalon:// links."
