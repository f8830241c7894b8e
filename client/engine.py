"""What is put right in pywebview's Qt window before it shows its first page. Each act names the defect it answers.

pywebview 6.2.1 hands a bridge into every page, grants camera and microphone, opens whatever a page opens in a new
window, and starts a thread at each load that a closing window waits for. Nothing of that is left here: the window is
locked to one origin, and no page sees anything but the web.
"""

import sys
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtNetwork import QNetworkCookie
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineLoadingInfo,
    QWebEngineNavigationRequest,
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineSettings,
)

from client import __version__
from client.addresses import PORTS, Origin

INSIDE = frozenset({"about", "blob", "data", "chrome-extension", "chrome", "qrc"})
ELSEWHERE = frozenset({"http", "https", "mailto"})
Kinds = QWebEngineNavigationRequest.NavigationType
BY_THE_PROGRAM = (Kinds.TypedNavigation, Kinds.ReloadNavigation, Kinds.BackForwardNavigation)


def origin_at(url: QUrl) -> Origin | None:
    """The origin as the engine itself reads the address; none where a user is named before the host."""
    scheme = url.scheme()
    if scheme not in PORTS or not url.host() or url.userInfo():
        return None
    return Origin(scheme, url.host(), url.port(PORTS[scheme]))


class Engine(QObject):
    """The page of one window: where it may go, what it may ask, what it tells."""

    left = Signal(str)  # somebody followed a link to another place
    lost = Signal(str)  # the page that was wanted did not come
    came = Signal(str)  # a page is there
    papers = Signal(str)  # a paper of ours is being opened

    def __init__(self, native: Any, fingerprint: str) -> None:
        super().__init__()
        self._native = native
        self._fingerprint = fingerprint
        self.own: Origin | None = None
        self.profile_origin: Origin | None = None
        self.wanted = ""
        self._waits_for_blank = True
        self.cookies: dict[tuple[str, str], str] = {}
        self._take_out_bridge()
        self._set_page()
        self._set_profile()

    @property
    def page(self) -> Any:
        """The engine's page."""
        return self._native.webview.page()

    def _take_out_bridge(self) -> None:
        """No bridge and no script of pywebview on any page; with them goes the thread a closing window hangs on."""
        page = self.page
        page.loadFinished.disconnect(self._native.on_load_finished)
        page.featurePermissionRequested.disconnect(page.onFeaturePermissionRequested)
        page.setWebChannel(None)
        self._native.channel.deregisterObject(self._native.js_bridge)

    def _set_page(self) -> None:
        page = self.page
        settings = page.settings()
        asked = QWebEngineSettings.WebAttribute
        for attribute, on in {
            asked.PluginsEnabled: True,
            asked.PdfViewerEnabled: True,
            asked.JavascriptCanOpenWindows: False,
            asked.LocalContentCanAccessFileUrls: False,
            asked.LocalContentCanAccessRemoteUrls: False,
            asked.NavigateOnDropEnabled: False,
            asked.DnsPrefetchEnabled: False,
            asked.ScreenCaptureEnabled: False,
        }.items():
            settings.setAttribute(attribute, on)
        page.loadFinished.connect(self._after_blank)
        page.permissionRequested.connect(lambda permission: permission.deny())
        page.navigationRequested.connect(self._judge)
        page.loadingChanged.connect(self._tell)
        page.certificateError.connect(self._judge_certificate)
        page.renderProcessTerminated.connect(lambda *_: self.lost.emit(self.wanted))
        # Where a page opens something in a new window, pywebview would hand any address to the system browser.
        page.nav_handler = NewWindow(page.profile(), self)

    def _set_profile(self) -> None:
        profile: QWebEngineProfile = self.page.profile()
        profile.setHttpUserAgent(f"{profile.httpUserAgent()} Jalon/{__version__} ({sys.platform})")
        profile.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
        profile.setSpellCheckEnabled(False)
        store = profile.cookieStore()
        store.setCookieFilter(lambda request: not request.thirdParty)
        store.cookieAdded.connect(self._keep_cookie)
        store.cookieRemoved.connect(self._drop_cookie)
        store.loadAllCookies()

    def speak(self, language: str) -> None:
        """Ask servers for pages in this language first."""
        other = "en" if language == "fr" else "fr"
        self.page.profile().setHttpAcceptLanguage(f"{language},{other};q=0.5")

    # ---- Where the window may go ----

    def go(self, url: str) -> None:
        """Load a page because the program wants it."""
        self.wanted = url
        if not self._waits_for_blank:
            self.page.load(QUrl(url))

    def _after_blank(self, _is_loaded: bool) -> None:
        """pywebview begins with an empty page, which would end the load of another one begun before it is there."""
        self.page.loadFinished.disconnect(self._after_blank)
        self._waits_for_blank = False
        if self.wanted:
            self.page.load(QUrl(self.wanted))

    def is_ours(self, url: QUrl) -> bool:
        """Whether this is a page of the profile: scheme, host and port to the letter."""
        return self.profile_origin is not None and origin_at(url) == self.profile_origin

    def is_own(self, url: QUrl) -> bool:
        """Whether this is one of the program's own pages."""
        return self.own is not None and origin_at(url) == self.own

    def _judge(self, request: QWebEngineNavigationRequest) -> None:
        url = request.url()
        if not request.isMainFrame():
            if url.scheme() not in INSIDE and not self.is_ours(url) and not self.is_own(url):
                request.reject()
            return
        kind = request.navigationType()
        if self.is_ours(url):
            self.wanted = url.toString()
            if url.path().endswith(".pdf") and kind != Kinds.ReloadNavigation:
                self.papers.emit(self.wanted)
            return
        # The program's own pages act for its user: only the program and these pages themselves lead to them.
        if self.is_own(url) and (kind in BY_THE_PROGRAM or self.is_own(self.page.url())):
            return
        if url.scheme() in ("about", "data") and kind in BY_THE_PROGRAM:
            return
        request.reject()
        self.leave(url, kind)

    def leave(self, url: QUrl, kind: Any) -> None:
        """Hand an address elsewhere to the system, if somebody asked for it by a link or a form."""
        asked = kind in (Kinds.LinkClickedNavigation, Kinds.FormSubmittedNavigation, Kinds.RedirectNavigation)
        if asked and url.scheme() in ELSEWHERE and not self.is_own(url):
            self.left.emit(url.toString())

    def _tell(self, loading: QWebEngineLoadingInfo) -> None:
        status, url = loading.status(), loading.url()
        states = QWebEngineLoadingInfo.LoadStatus
        if status == states.LoadSucceededStatus:
            self.came.emit(url.toString())
            return
        domains = QWebEngineLoadingInfo.ErrorDomain
        is_answer = loading.errorDomain() == domains.HttpStatusCodeDomain
        if status != states.LoadFailedStatus or not self.is_ours(url):
            return
        # Jalon's own pages of error (not found, not yours) are pages; one of 502 to 504 comes from before it.
        if is_answer and not 502 <= loading.errorCode() <= 504:
            self.came.emit(url.toString())
        elif loading.errorDomain() != domains.InternalErrorDomain or loading.errorCode() not in (0, -3):
            self.lost.emit(url.toString())

    def _judge_certificate(self, error: QWebEngineCertificateError) -> None:
        """Accept the one certificate its user named for this server, and nothing else that is not in order."""
        chain = error.certificateChain()
        digest = bytes(chain[0].digest(hash_of_certificates()).toHex().data()).decode() if chain else ""
        if self._fingerprint and digest == self._fingerprint and self.is_ours(error.url()):
            error.acceptCertificate()
        else:
            error.rejectCertificate()

    # ---- Cookies: the program reads what waits, and saves papers, as the person signed in here ----

    def _keep_cookie(self, cookie: QNetworkCookie) -> None:
        self.cookies[cookie.domain(), text_of(cookie.name())] = text_of(cookie.value())

    def _drop_cookie(self, cookie: QNetworkCookie) -> None:
        self.cookies.pop((cookie.domain(), text_of(cookie.name())), None)

    def cookie_header(self) -> str:
        """The cookies of the profile's host, as a request carries them."""
        if self.profile_origin is None:
            return ""
        return "; ".join(
            f"{name}={value}"
            for (domain, name), value in list(self.cookies.items())
            if domain == self.profile_origin.host
        )

    def plant(self, header: str, origin: Origin) -> None:
        """Put a cookie into the window before a page asks with it, as unreadable to scripts as it came."""
        for cookie in QNetworkCookie.parseCookies(header.encode()):
            self.page.profile().cookieStore().setCookie(cookie, QUrl(str(origin)))

    def go_with(self, headers: list[str], origin: Origin, url: str) -> None:
        """Load a page once these cookies are in: cookies and pages go to the engine by ways of their own."""
        wanted = {
            text_of(cookie.name())
            for header in headers
            for cookie in QNetworkCookie.parseCookies(header.encode())
        }
        store = self.page.profile().cookieStore()

        def put_in(cookie: QNetworkCookie) -> None:
            wanted.discard(text_of(cookie.name()))
            if not wanted:
                store.cookieAdded.disconnect(put_in)
                self.go(url)

        store.cookieAdded.connect(put_in)
        for header in headers:
            self.plant(header, origin)


class NewWindow(QWebEnginePage):
    """Stands for the new window a page asked for: ours stays in this window, another place goes to the system."""

    def __init__(self, profile: QWebEngineProfile, engine: Engine) -> None:
        super().__init__(profile)
        self._engine = engine
        self.navigationRequested.connect(self._judge)

    def _judge(self, request: QWebEngineNavigationRequest) -> None:
        request.reject()
        if self._engine.is_ours(request.url()):
            self._engine.go(request.url().toString())
        else:
            self._engine.leave(request.url(), Kinds.LinkClickedNavigation)


def hash_of_certificates() -> Any:
    """SHA-256, by which certificates are named."""
    from PySide6.QtCore import QCryptographicHash

    return QCryptographicHash.Algorithm.Sha256


def text_of(octets: Any) -> str:
    """Qt's bytes as text."""
    return bytes(octets.data()).decode("utf-8", "replace")
