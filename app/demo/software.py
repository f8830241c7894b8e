"""The software the needs are about: registered with the license it really has, claimed by invented maintainers."""

from sqlmodel import Session

from app.catalogue import rules as catalogue
from app.catalogue.forms import SoftwareForm
from app.demo.cast import IDENTITY, OFFICE, WATCH
from app.demo.funding import OFFICER
from app.demo.stage import Stage

GITHUB = "https://github.com/"
# Name, repository, license (its SPDX identifier), who maintains it in this story.
KNOWN = (
    ("Keycloak", "keycloak/keycloak", "Apache-2.0", IDENTITY),
    ("Keycloak Config CLI", "adorsys/keycloak-config-cli", "Apache-2.0", None),
    ("Collabora Online", "CollaboraOnline/online", "MPL-2.0", OFFICE),
    ("La Suite Docs", "suitenumerique/docs", "MIT", OFFICE),
    ("Grafana", "grafana/grafana", "AGPL-3.0-only", WATCH),
    ("GLPI", "glpi-project/glpi", "GPL-3.0-or-later", WATCH),
    ("Element Web", "element-hq/element-web", "AGPL-3.0-only OR GPL-3.0-only", WATCH),
    ("Nextcloud", "nextcloud/server", "AGPL-3.0-or-later", None),
    ("Nextcloud Calendar", "nextcloud/calendar", "AGPL-3.0-or-later", None),
    ("Nextcloud Contacts", "nextcloud/contacts", "AGPL-3.0-or-later", None),
    ("Nextcloud Talk", "nextcloud/spreed", "AGPL-3.0-or-later", None),
    ("Nextcloud Office", "nextcloud/richdocuments", "AGPL-3.0-or-later", None),
    ("Nextcloud Desktop", "nextcloud/desktop", "GPL-2.0-or-later", None),
    ("ONLYOFFICE Docs", "ONLYOFFICE/DocumentServer", "AGPL-3.0-only", None),
    ("ONLYOFFICE Desktop Editors", "ONLYOFFICE/DesktopEditors", "AGPL-3.0-only", None),
    ("XWiki", "xwiki/xwiki-platform", "LGPL-2.1-or-later", None),
    ("pgAdmin 4", "pgadmin-org/pgadmin4", "PostgreSQL", None),
    ("Ansible community.general", "ansible-collections/community.general", "GPL-3.0-or-later", None),
    ("Spilo", "zalando/spilo", "Apache-2.0", None),
    ("Synapse", "matrix-org/synapse", "Apache-2.0", None),
    ("Matrix", "matrix-org/matrix-spec", "Apache-2.0", None),
)


def register_software(stage: Stage) -> None:
    """Enter what is known of them before the backlogs come in; the other software is registered by its needs."""

    def register(db: Session) -> None:
        officer = stage.actor(db, OFFICER)
        for name, repository, license_, maintainer in KNOWN:
            form = SoftwareForm(name=name, repository_url=GITHUB + repository, license=license_)
            software = catalogue.register(db, form, by=officer, at=stage.at)
            if maintainer:
                db.flush()
                member = stage.actor(db, maintainer.people[-1])
                catalogue.claim(db, software, by=member, at=stage.at)

    stage.act(register)
