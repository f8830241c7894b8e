"""Who gets which answer from which route. One line a route (more where its things differ), one column a person.

The columns: nobody (not signed in); member, buyer, approver, finance and admin of one bank, each with this role alone;
a stranger with every role in another organization; the maker of the software's maintainer and a rival with every role
in another one; officer, treasurer, arbitrator and auditor of the fund; a newcomer whose organization is not verified
yet, somebody with every role in a suspended one, and a person of the bank whose account is closed.

`in` means: asked to sign in first. A thing is named by its kind and state, of the bank or of its maintainer; `.own` is
the asking person's own, `?` puts it behind the question mark. What a form says stands in FORMS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from app.kit.clock import now
from tests.statements import Book, Entry, Part

TABLE = """
                                                                        nob mem buy app fin adm str mak riv off tre arb aud new sus dis
-- people
GET  /sign-in                             -                             200 303 303 303 303 303 303 303 303 303 303 303 303 303 303 200
POST /sign-in                             -                             422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422
POST /sign-in/demo                        -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
POST /sign-out                            -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET  /acting                              -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /acting                              -                             in  303 303 303 303 303 404 404 404 404 404 404 404 404 404 in
POST /language                            -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET  /start                               -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
POST /start                               -                             422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422
GET  /apply                               -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /apply                               -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET  /apply/thanks                        -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /invitations/<token>                 invitation                    200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /invitations/<token>                 invitation                    303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
POST /invitations/<token>/joining         invitation.stranger           in  403 403 403 403 403 303 403 403 403 403 403 403 403 403 in
POST /invitations/<token>/renewal         invitation                    422 422 422 422 422 422 422 422 422 422 422 422 422 422 422 422
GET  /sessions                            -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /sessions/<name>/end                 session.own                   in  303 303 303 303 303 303 303 303 303 303 303 303 303 303 in
POST /sessions/<name>/end                 session.member                in  303 404 404 404 404 404 404 404 404 404 404 404 404 404 in
POST /sessions/others/end                 -                             in  303 303 303 303 303 303 303 303 303 303 303 303 303 303 in
GET  /devices/connect                     -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /devices                             -                             in  303 303 303 303 303 303 303 303 303 303 303 303 303 303 in
GET  /devices/connected                   -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /devices/<name>/end                  device.member                 in  303 404 404 404 404 404 404 404 404 404 404 404 404 404 in
POST /devices/token                       -                             400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
POST /devices/session                     -                             400 400 400 400 400 400 400 400 400 400 400 400 400 400 400 400
GET  /password                            -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /password                            -                             in  422 422 422 422 422 422 422 422 422 422 422 422 422 422 in
GET  /password/<token>                    password.link                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /password/<token>                    password.link                 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET  /password/forgotten                  -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /password/forgotten                  -                             303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
GET  /password/forgotten/sent             -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /donations                           -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /donations                           -                             in  403 403 403 403 404 404 403 404 303 403 403 403 403 403 in
GET  /interests                           -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /interests                           -                             in  303 303 303 303 303 303 303 303 303 303 303 303 303 303 in
POST /interests/<name>/end                interest.own                  in  303 303 303 303 303 303 303 303 303 303 303 303 303 303 in
POST /interests/<name>/end                interest.member               in  303 404 404 404 404 404 404 404 404 404 404 404 404 404 in
GET  /interests/register                  -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /organizations                       -                             in  404 404 404 404 404 404 404 404 200 200 200 200 404 404 in
GET  /organizations/<name>                organization.bank             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /organizations/<name>                organization.applied          404 404 404 404 404 404 404 404 404 200 200 200 200 200 404 404
GET  /organizations/<name>/details        organization.bank             in  403 403 403 403 200 404 403 404 403 403 403 403 404 404 in
POST /organizations/<name>/details        organization.bank             in  403 403 403 403 303 404 403 404 403 403 403 403 404 404 in
POST /organizations/<name>/verification   organization.applied          in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /organizations/<name>/rejection      organization.applied          in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /organizations/<name>/suspension     organization.bank             in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /organizations/<name>/reinstatement  organization.suspended        in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /organizations/<name>/vat-lookup     organization.bank             in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /organizations/<name>/vat-number     organization.bank             in  403 403 403 403 409 404 403 404 403 403 403 403 404 404 in
GET  /people                              -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /people/<name>                       person.member                 in  200 200 200 200 200 404 404 404 404 404 404 404 404 404 in
POST /people/<name>/roles                 person.member                 in  403 403 403 403 303 404 403 404 403 403 403 403 404 404 in
POST /people/<name>/closing               person.member                 in  403 403 403 403 303 404 403 404 403 403 403 403 404 404 in
GET  /people/invite                       -                             in  403 403 403 403 200 200 403 200 403 403 403 403 200 200 in
POST /people/invite                       -                             in  403 403 403 403 303 303 403 303 403 403 403 403 303 303 in
POST /people/<name>/invitation            person.invited                in  403 403 403 403 303 404 403 404 403 403 403 403 404 404 in
POST /people/<name>/invitation/end        person.invited                in  403 403 403 403 303 404 403 404 403 403 403 403 404 404 in
-- catalogue
GET  /software                            -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /software/new                        -                             in  200 403 403 403 403 200 200 200 200 403 403 403 403 403 in
POST /software                            -                             in  303 403 403 403 403 303 303 303 303 403 403 403 403 403 in
GET  /software/<name>                     software.writer               200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /software/<name>/maintainer          software.unclaimed            in  422 403 403 403 403 422 303 303 403 403 403 403 403 403 in
POST /software/<name>/maintainer/end      software.writer               in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
-- needs
GET  /needs                               -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /needs/new                           -                             in  200 403 403 403 403 200 403 403 403 403 403 403 403 403 in
POST /needs                               -                             in  303 403 403 403 403 303 403 403 403 403 403 403 403 403 in
GET  /needs/<name>                        need.published                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /needs/<name>                        need.draft                    404 200 200 200 200 200 404 404 404 404 404 404 404 404 404 404
GET  /needs/<name>/edit                   need.draft                    in  200 403 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /needs/<name>                        need.draft                    in  303 403 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /needs/<name>/publication            need.draft                    in  303 403 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /needs/<name>/endorsements           need.published                in  422 403 403 403 403 303 403 403 403 403 403 403 403 403 in
POST /needs/<name>/withdrawal             need.published                in  303 403 403 403 403 403 403 403 403 403 403 403 403 403 in
GET  /needs/backlogs/new                  -                             in  200 403 403 403 403 200 403 403 403 403 403 403 403 403 in
POST /needs/backlogs                      -                             in  303 403 403 403 403 303 403 403 403 403 403 403 403 403 in
GET  /needs/backlogs/<name>               backlog                       in  200 403 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /needs/backlogs/<name>/posting       backlog                       in  303 403 403 403 403 404 404 404 403 403 403 403 404 404 in
GET  /needs/of-software/<name>            software.writer               303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
-- roadmap
GET  /roadmap                             -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /roadmap/new                         ?software=software.writer     in  403 403 403 403 403 403 200 200 403 403 403 403 403 403 in
POST /roadmap/new                         ?software=software.writer     in  403 403 403 403 403 403 303 303 403 403 403 403 403 403 in
GET  /roadmap/<name>                      item.proposed                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /roadmap/<name>/plan                 item.proposed                 in  403 403 403 403 403 403 303 403 403 403 403 403 403 403 in
POST /roadmap/<name>/drop                 item.proposed                 in  403 403 403 403 403 403 303 403 403 403 403 403 403 403 in
GET  /roadmap/<name>/needs                item.proposed                 in  404 403 403 403 403 404 200 404 403 403 403 403 404 404 in
POST /roadmap/<name>/needs                item.proposed                 in  403 403 403 403 403 403 303 403 403 403 403 403 403 403 in
GET  /roadmap/answers/<name>              need.published                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /roadmap/answers/<name>/decline      need.published                in  403 403 403 403 403 403 200 200 403 403 403 403 403 403 in
POST /roadmap/answers/<name>/decline      need.published                in  403 403 403 403 403 403 303 303 403 403 403 403 403 403 in
-- estimates
GET  /estimates                           -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /estimates/new                       ?item=item.draft              in  403 403 403 403 403 403 200 200 403 403 403 403 403 403 in
POST /estimates/new                       ?item=item.approved           in  403 403 403 403 403 403 303 303 403 403 403 403 403 403 in
GET  /estimates/<name>                    estimate.submitted            200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /estimates/<name>                    estimate.draft                404 404 404 404 404 404 404 200 404 404 404 404 404 404 404 404
GET  /estimates/<name>/edit               estimate.draft                in  404 403 403 403 403 404 200 404 403 403 403 403 404 404 in
POST /estimates/<name>/edit               estimate.draft                in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /estimates/<name>/submission         estimate.draft                in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /estimates/<name>/withdrawal         estimate.draft                in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /estimates/<name>/revisions          estimate.submitted            in  403 403 403 403 403 403 303 403 403 403 403 403 403 403 in
GET  /estimates/<name>/differences        estimate.submitted            404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST /estimates/<name>/approval           estimate.submitted            in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /estimates/<name>/rejection          estimate.submitted            in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
GET  /estimates/<name>/quote.pdf          estimate.submitted            200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /estimates/of-item/<name>            item.submitted                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /estimates/comparison/<name>         item.submitted                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /estimates/comparison/<name>/questions item.submitted              in  303 403 403 403 403 403 303 303 303 403 403 403 403 403 in
GET  /estimates/questions/<name>          question                      200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /estimates/questions/<name>/replies  question                      in  303 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /estimates/comparison/<name>/scores  item.submitted                in  303 303 303 403 403 403 403 403 403 403 403 403 403 403 in
POST /estimates/comparison/<name>/award   item.submitted                in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
-- campaigns
GET  /campaigns                           -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/new                       ?estimate=estimate.approved   in  403 403 403 403 403 403 403 403 200 403 403 403 403 403 in
POST /campaigns/new                       ?estimate=estimate.approved   in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
GET  /campaigns/<name>                    campaign.open                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>                    campaign.unopened             404 404 404 404 404 404 404 200 404 200 200 200 200 404 404 404
GET  /campaigns/<name>/backers            campaign.open                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/backers            campaign.unopened             404 404 404 404 404 404 404 200 404 200 200 200 200 404 404 404
GET  /campaigns/of-item/<name>            item.open                     200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/of-estimate/<name>        estimate.open                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/what-if/<name>             estimate.approved            in  404 404 404 404 404 404 200 404 200 200 200 200 404 404 in
GET  /campaigns/<name>/rules              campaign.unopened             in  403 403 403 403 403 403 403 403 200 403 403 403 403 403 in
POST /campaigns/<name>/rules              campaign.unopened             in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /campaigns/<name>/opening            campaign.unopened             in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /campaigns/<name>/cancellation       campaign.open                 in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /campaigns/<name>/closing            campaign.reached              in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /campaigns/<name>/stop               campaign.secured              in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
GET  /campaigns/<name>/pledging           campaign.open                 in  403 200 403 403 403 200 403 403 403 403 403 403 403 200 in
POST /campaigns/<name>/joining            campaign.open                 in  403 303 403 403 403 303 403 403 403 403 403 403 403 403 in
POST /campaigns/<name>/leaving            campaign.open                 in  403 409 403 403 403 409 403 403 403 403 403 403 403 403 in
POST /campaigns/<name>/motions            campaign.secured              in  403 303 303 403 403 403 403 403 403 403 403 403 403 403 in
GET  /motions/of-campaign/<name>          campaign.open                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /motions/<name>                      motion.settlement             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /motions/<name>/voice                motion.settlement             in  403 303 303 403 403 403 403 403 403 403 403 403 403 403 in
POST /motions/<name>/agreement            motion.settlement             in  404 403 403 403 403 404 303 404 403 403 403 403 403 403 in
POST /motions/<name>/withdrawal           motion.stop                   in  303 303 303 403 403 404 404 404 403 403 403 403 403 403 in
POST /campaigns/<name>/pledges            campaign.open                 in  403 303 403 403 403 303 403 403 403 403 403 403 403 403 in
GET  /matching                            -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /matching/new                        -                             in  403 200 200 403 403 200 403 403 403 403 403 403 403 200 in
POST /matching/new                        -                             in  403 303 303 403 403 303 403 403 403 403 403 403 403 403 in
GET  /matching/<name>                     grant.active                  200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /matching/<name>                     grant.offered                 404 200 200 200 200 200 404 404 404 200 200 200 200 404 404 404
GET  /matching/<name>                     grant.prepared                404 200 200 200 200 200 404 404 404 200 200 200 200 404 404 404
POST /matching/<name>/signature           grant.prepared                in  403 403 303 403 403 404 403 403 403 403 403 403 403 404 in
POST /matching/<name>/refusal             grant.prepared                in  403 303 303 403 403 404 403 403 403 403 403 403 403 404 in
POST /matching/<name>/activation          grant.offered                 in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /matching/<name>/closing             grant.active                  in  403 403 303 403 403 404 403 403 303 403 403 403 403 404 in
POST /campaigns/<name>/public-money       campaign.open                 in  404 403 403 403 404 404 303 404 403 403 403 403 404 404 in
GET  /campaigns/<name>/work               campaign.worked               in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /campaigns/<name>/work               campaign.worked               in  403 303 303 403 403 303 403 403 403 403 403 403 403 403 in
GET  /work/<name>                         work.offered                  in  200 200 200 200 200 404 200 404 200 200 200 200 404 404 in
POST /work/<name>/value                   work.offered                  in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /work/<name>/refusal                 work.offered                  in  404 303 303 403 403 404 303 404 403 403 403 403 404 404 in
POST /work/<name>/signature               work.valued                   in  403 303 303 403 403 404 403 403 403 403 403 403 403 404 in
POST /work/<name>/days                    work.agreed                   in  303 303 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /work/<name>/handing-over            work.full                     in  303 303 403 403 403 404 404 404 403 403 403 403 404 404 in
POST /work/<name>/acceptance              work.over                     in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /work/<name>/return                  work.over                     in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /work/<name>/extension               work.late                     in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /campaigns/<name>/pledges            campaign.unopened             in  403 404 403 403 403 404 403 403 403 403 403 403 403 404 in
GET  /pledges                             -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /pledges/<name>                      pledge.signed                 in  200 200 200 200 200 404 404 404 200 200 200 200 404 404 in
POST /pledges/<name>/signature            pledge.drafted                in  403 303 403 403 403 404 403 403 403 403 403 403 403 404 in
POST /pledges/<name>/approval             pledge.awaiting               in  403 403 303 403 403 404 403 403 403 403 403 403 403 404 in
POST /pledges/<name>/refusal              pledge.awaiting               in  403 403 303 403 403 404 403 403 403 403 403 403 403 404 in
POST /pledges/<name>/withdrawal           pledge.signed                 in  403 303 303 403 403 404 403 403 403 403 403 403 403 404 in
-- escrow
POST /campaigns/<name>/tranches           campaign.secured              in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
GET  /calls                               -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /calls/<name>                        call.defaulted                in  200 200 200 200 200 404 404 404 200 200 200 200 404 404 in
GET  /calls/<name>/call.pdf               call.defaulted                in  200 200 200 200 200 404 404 404 200 200 200 200 404 404 in
POST /calls/<name>/extension              call.defaulted                in  403 403 403 403 403 403 403 403 303 403 403 403 403 403 in
POST /calls/<name>/with-vat               call.defaulted                in  403 403 403 403 403 403 403 403 409 403 403 403 403 403 in
GET  /shortfalls/of-campaign/<name>       campaign.open                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /shortfalls/<name>                   shortfall.open                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /shortfalls/<name>/takeovers         shortfall.open                in  403 303 403 403 403 422 403 403 403 403 403 403 403 403 in
GET  /freezes/<name>                      freeze.settled                in  404 404 404 404 404 404 404 404 200 200 200 200 404 404 in
POST /freezes/<name>/end                  freeze.settled                in  403 403 403 403 403 403 403 403 403 409 403 403 403 403 in
GET  /suspense                            -                             in  403 403 403 403 403 403 403 403 200 200 200 200 403 403 in
GET  /suspense/<name>                     deposit.unknown               in  403 403 403 403 403 403 403 403 200 200 200 200 403 403 in
POST /suspense/<name>/match               deposit.unknown               in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
POST /suspense/<name>/return              deposit.above                 in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
POST /suspense/<name>/sending-back        deposit.stray                 in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /returns/<name>                      return                        in  403 403 403 403 403 403 403 403 200 200 200 200 403 403 in
POST /returns/<name>/approval             return                        in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /returns/<name>/end                  return                        in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /left-over/<name>                    left.open                     in  403 403 403 403 403 403 403 403 200 200 200 200 403 403 in
POST /left-over/<name>/match              left.open                     in  403 403 403 403 403 403 403 403 403 422 403 403 403 403 in
POST /left-over/<name>/sending-back       left.open                     in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /left-over/<name>/approval           left.prepared                 in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /left-over/<name>/end                left.prepared                 in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /bank                                -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /bank/accounts                       -                             in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /bank/accounts/<name>                bank.in_use                   in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /bank/accounts/<name>/confirmation   bank.named                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /bank/accounts/<name>/end            bank.named                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /means-of-payment                    -                             in  403 200 403 200 403 200 403 404 403 403 403 403 403 200 in
POST /means-of-payment                    -                             in  403 422 403 422 403 422 403 404 403 403 403 403 403 422 in
POST /means-of-payment/mandates           -                             in  403 409 403 409 403 303 403 403 403 403 403 403 403 403 in
GET  /means-of-payment/<name>             means                         in  403 200 403 200 403 404 403 404 403 403 403 403 403 404 in
GET  /means-of-payment/<name>/provider    means                         in  403 404 403 404 403 404 403 404 403 403 403 403 403 404 in
POST /means-of-payment/<name>/end         means                         in  403 303 403 303 403 404 403 404 403 403 403 403 403 404 in
GET  /mandates                            -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /mandates/<name>                     mandate                       in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /mandates/<name>/mandate.pdf         mandate                       in  403 200 403 200 403 404 403 404 200 200 403 200 403 404 in
POST /mandates/<name>/confirmation        mandate                       in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /mandates/<name>/refusal             mandate                       in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /pledges/<name>/means                pledge.drafted                in  403 404 403 404 403 404 403 404 403 403 403 403 403 404 in
GET  /statements                          -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /statements                          -                             in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
GET  /statements/<name>                   bank.file                     in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /campaigns/<name>/money              campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/money              campaign.unopened             404 404 404 404 404 404 404 200 404 200 200 200 200 404 404 404
GET  /campaigns/<name>/money/piece        campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/money/entries      campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/money/chain.csv    campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/money/my-lines.csv campaign.ready                in  200 200 200 200 200 404 404 404 404 404 404 404 404 404 in
GET  /campaigns/<name>/consortium         campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/calendar           campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/calendar.ics       campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /campaigns/<name>/trail              campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /verify                              -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /verify/verify_chain.py              -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
-- delivery
GET  /milestones                          -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /milestones/<name>                   milestone.ready               200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /milestones/<name>                   milestone.unopened            404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET  /milestones/of-campaign/<name>       campaign.ready                200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /milestones/<name>/deliveries        milestone.ready               in  404 403 403 403 403 404 200 404 403 403 403 403 404 404 in
POST /milestones/<name>/deliveries        milestone.ready               in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
GET  /deliveries/<name>                   delivery.handed_in            200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /deliveries/<name>/answer            delivery.handed_in            in  303 303 303 403 403 403 403 403 403 403 403 403 403 403 in
POST /deliveries/<name>/certificates      delivery.due                  in  403 404 404 404 403 303 403 404 403 403 403 403 403 403 in
GET  /deliveries/<name>/certificate.pdf   delivery.due                  200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /deliveries/<name>/return            delivery.refused              in  404 403 403 403 403 404 303 404 403 403 403 403 403 403 in
POST /deliveries/<name>/dispute           delivery.refused              in  404 403 403 403 403 404 303 404 403 403 403 403 403 403 in
GET  /deliveries/<name>/dispute           delivery.disputed             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST /deliveries/<name>/opinions          delivery.heard                in  403 403 403 403 403 403 403 403 403 403 303 403 403 403 in
POST /deliveries/<name>/statements        delivery.disputed             in  303 303 303 403 403 404 303 404 403 403 403 403 403 403 in
POST /deliveries/<name>/settlements       delivery.heard                in  403 303 303 403 403 404 303 404 403 403 403 403 403 403 in
POST /deliveries/<name>/readings          delivery.disputed             in  409 409 409 403 403 404 409 404 403 403 403 403 403 403 in
POST /deliveries/<name>/public-text       delivery.disputed             in  403 403 403 403 403 403 403 403 403 403 409 403 403 403 in
GET  /deliveries/<name>/reserves          delivery.reserved             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /reserves/<name>                     reserve.filed                 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303 303
POST /reserves/<name>/mending             reserve.filed                 in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
POST /reserves/<name>/answer              reserve.filed                 in  303 303 303 403 403 404 404 404 403 403 403 403 403 403 in
POST /reserves/<name>/award               reserve.filed                 in  403 403 403 403 403 403 403 403 403 403 409 403 403 403 in
POST /deliveries/<name>/upstream          delivery.reserved             in  404 403 403 403 403 404 409 404 403 403 403 403 403 403 in
POST /deliveries/<name>/upstream-seen     delivery.reserved             in  403 403 403 403 403 403 403 403 409 403 403 403 403 403 in
GET  /milestones/<name>/extension         milestone.ready               in  404 403 403 403 403 404 200 404 403 403 403 403 404 404 in
POST /milestones/<name>/extension         milestone.ready               in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
GET  /milestones/<name>/amendment         milestone.ready               in  404 403 403 403 403 404 200 404 403 403 403 403 404 404 in
POST /milestones/<name>/amendment         milestone.ready               in  404 403 403 403 403 404 303 404 403 403 403 403 404 404 in
GET  /motions/<name>/amendment            motion.amendment              200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /milestones/<name>/amendments        milestone.missing             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /milestones/of-campaign/<name>/amendments campaign.secured         200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
-- payouts
GET  /payouts                             -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /payouts/<name>                      payout.due                    in  404 404 404 404 404 404 200 404 200 200 200 200 404 404 in
GET  /payouts/approvals                   -                             in  403 403 403 403 403 403 403 403 200 200 403 403 403 403 in
POST /payouts/approvals                   -                             in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /payouts/selection                   -                             in  403 403 403 403 403 403 403 403 200 200 403 403 403 403 in
POST /payouts/selection                   -                             in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/preparation          payout.due                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/approval             payout.prepared               in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/return               payout.prepared               in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/hold                 payout.due                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/resumption           payout.held                   in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payouts/<name>/elsewhere            payout.due                    in  403 403 403 403 403 403 403 403 409 409 403 403 403 403 in
POST /payouts/<name>/elsewhere/seen       payout.due                    in  403 403 403 403 403 403 403 403 409 409 403 403 403 403 in
POST /payouts/<name>/elsewhere/end        payout.due                    in  403 403 403 403 403 403 403 403 409 409 403 403 403 403 in
GET  /payouts/of-milestone/<name>         milestone.due                 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /desk                                -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /desk/<rail>                         rail                          in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /desk/<rail>/comparison              rail                          in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
POST /desk/<rail>/explanations            rail                          in  403 403 403 403 403 403 403 403 403 409 403 403 403 403 in
GET  /held/<name>                         absent                        in  403 403 403 403 403 403 403 403 404 404 403 404 403 403 in
POST /held/<name>/call-again              absent                        in  403 403 403 403 403 403 403 403 404 403 403 403 403 403 in
POST /held/<name>/release                 absent                        in  403 403 403 403 403 403 403 403 404 403 403 403 403 403 in
GET  /movements/<name>                    movement                      in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /charge-backs                        -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /charge-backs/<name>                 chargeback                    in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /charge-backs/<name>/evidence        chargeback                    in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /charge-backs/<name>/contest         chargeback                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
GET  /bank/files                          -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /bank/files/selection                -                             in  403 403 403 403 403 403 403 403 403 200 403 403 403 403 in
POST /bank/files/selection                -                             in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
GET  /bank/files/<name>                   batch                         in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /bank/files/<name>/copy              batch                         in  403 403 403 403 403 403 403 403 403 200 403 403 403 403 in
POST /bank/files/<name>/end               batch                         in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
GET  /bank/orders/<name>                  order.waiting                 in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
POST /bank/orders/<name>/end              order.waiting                 in  403 403 403 403 403 403 403 403 403 303 403 403 403 403 in
GET  /payee-account                       -                             in  404 403 403 404 404 404 200 200 403 403 403 403 404 404 in
GET  /payee-account/provider/<rail>       absent                        in  403 403 403 404 403 404 403 404 403 403 403 403 403 404 in
POST /payee-account/provider              -                             in  403 403 403 404 403 404 403 422 403 403 403 403 403 404 in
POST /payee-account                       -                             in  403 403 403 403 403 403 403 303 403 403 403 403 403 403 in
GET  /payee-accounts                      -                             in  403 403 403 403 403 403 403 403 200 200 403 200 403 403 in
GET  /payee-accounts/<name>               payee.waiting                 in  404 404 404 404 404 404 200 404 200 200 404 200 404 404 in
POST /payee-accounts/<name>/confirmation  payee.ripe                    in  403 403 403 403 403 403 403 403 303 303 403 403 403 403 in
POST /payee-accounts/<name>/refusal       payee.waiting                 in  403 403 403 404 404 404 403 404 303 303 403 403 404 404 in
-- boards
GET  /                                    -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /our-campaigns.csv                   -                             in  200 200 200 200 200 200 404 404 403 403 403 403 200 200 in
GET  /next                                -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /commitment                          -                             in  200 200 200 200 200 200 404 404 200 200 200 200 200 200 in
POST /commitment                          -                             in  403 403 303 303 303 303 403 404 403 403 403 403 403 403 in
GET  /commitment.csv                      -                             in  200 200 200 200 200 200 404 404 200 200 200 200 200 200 in
GET  /audit                               -                             in  403 403 403 403 403 403 403 403 200 200 200 200 403 403 in
GET  /source                              -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /source/jalon.tar.gz                 -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /health                              -                             200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /waiting.json                        -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
GET  /campaigns/<name>/papers.json        campaign.secured              200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  /papers.json                         -                             404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
-- practice bank
GET  /sandbox                             -                             in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /sandbox/payments                    -                             in  303 303 303 303 303 303 303 303 303 303 303 403 303 303 in
GET  /sandbox/payments/<name>             line                          in  200 200 200 200 200 200 200 200 200 200 200 200 200 200 in
POST /sandbox/payments/<name>             line                          in  303 303 303 303 303 303 303 303 303 303 303 403 303 303 in
POST /rails/<rail>/notices/<door>         absent                        404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
"""  # noqa: E501 - a table is read across

WHO = {
    "nob": "nobody", "mem": "member", "buy": "buyer", "app": "approver", "fin": "finance", "adm": "admin",
    "str": "stranger", "mak": "maker", "riv": "rival", "off": "officer", "tre": "treasurer", "arb": "arbitrator",
    "aud": "auditor", "new": "newcomer", "sus": "suspended", "dis": "disabled",
}  # fmt: skip
# What may be read by everybody, so that "not yours to do" tells nobody more than the page does.
PUBLIC = {
    "delivery",
    "invitation",
    "item",
    "milestone",
    "motion",
    "organization",
    "question",
    "reserve",
    "shortfall",
    "software",
}
PUBLIC_THINGS = {
    "need.published", "estimate.submitted", "campaign.open", "campaign.reached", "campaign.secured", "campaign.ready",
    "campaign.worked", "grant.active",
}  # fmt: skip
# What everybody may do, an auditor too: come and go, choose a language, keep one's own password, sign-ins and ties.
YOURS = {
    "/sign-in", "/sign-in/demo", "/sign-out", "/language", "/acting", "/password", "/password/forgotten",
    "/devices", "/devices/<name>/end", "/devices/token", "/devices/session",
    "/password/<token>", "/sessions/<name>/end", "/sessions/others/end", "/apply", "/invitations/<token>",
    "/interests", "/interests/<name>/end", "/invitations/<token>/joining", "/invitations/<token>/renewal", "/start",
}  # fmt: skip

REASON = {"reason": "A reason."}
PLACE = {"street": "1 rue des Essais", "postcode": "69002", "city": "Lyon", "email": "contact@banque.example"}
NEED = {"software": "Writer", "title": "One more need", "summary": "We lack it.", "kind": "feature"}
ESTIMATE = {
    "milestone-0-title": "Step", "milestone-0-price": "1000", "milestone-0-due_on": "SOON",
    "milestone-0-is_required": "yes", "milestone-0-criteria": "It works.", "vat_regime": "domestic",
    "vat_rate": "20", "license": "MIT", "assumptions": "", "valid_until": "SOON",
}  # fmt: skip
# The forms as they are sent; {…} is the public name of a thing, TODAY this day, SOON a day in the next weeks,
# LATER one in some months.
FORMS: dict[str, dict[str, str | Callable[[], Any]]] = {
    "/acting": {"name": "{organization.bank}"},
    "/apply": PLACE | {
        "kind": "corporate", "name": "Newly Come", "country": "FR", "legal_form": "SA",
        "registration_number": "732829320", "person_name": "New", "person_email": "new@newly.example",
    },
    "/calls/<name>/extension": {"days": "10", "reason": "A reason."},
    "/campaigns/<name>/cancellation": REASON,
    "/campaigns/<name>/public-money": {"source": "Region", "amount": "100"},
    "/campaigns/<name>/work": {
        "milestone": "{milestone.worked}", "what": "We work.", "days": "1", "rate": "500", "ceiling": "400",
        "due_on": "SOON",
    },
    "/matching/new": {"title": "Commons", "reference": "EU-9", "total": "1000", "factor": "100"},
    "/matching/<name>/closing": REASON,
    "/matching/<name>/refusal": REASON,
    "/matching/<name>/signature": {"text": "{hash.grant.prepared}"},
    "/work/<name>/value": {"value": "5"},
    "/work/<name>/refusal": REASON,
    "/work/<name>/signature": {"text": "{hash.valued}"},
    "/work/<name>/days": {"worked_on": "2026-01-05", "days": "1", "what": "Work"},
    "/work/<name>/return": REASON,
    "/work/<name>/extension": {"days": "5", "reason": "A reason."},
    "/campaigns/<name>/joining": {"users": "10", "size": "10"},
    "/campaigns/<name>/pledges": {
        "amount": "1000", "po_number": "PO-1", "publicity": "full", "rail": "sandbox", "needs_the_work": "yes",
        "wants_an_invoice": "yes", "will_check_it": "yes", "expects_a_tax_receipt": "no",
    },
    "/campaigns/<name>/rules": {"collection_days": "30"},
    "/campaigns/<name>/stop": REASON,
    "/campaigns/<name>/tranches": {"tranche": "1"},
    "/campaigns/new": {"deadline_on": "SOON", "collection_days": "30", "tranche-0-number": "1"},
    "/commitment": {"year": f"{now().year}", "developers": "12", "per_developer": "2000"},
    "/deliveries/<name>/answer": {"answer": "accept"},
    "/deliveries/<name>/certificates": {"pledge": "{pledge.public}"},
    "/deliveries/<name>/dispute": {"reasons": "It does work."},
    "/campaigns/<name>/motions": {"motion_reason": "A reason."},
    "/deliveries/<name>/statements": {"text": "We saw it."},
    "/deliveries/<name>/settlements": {"settlement": "100", "words": "Fair."},
    "/deliveries/<name>/readings": {"wish": ""},
    "/deliveries/<name>/public-text": {"text": "So it was."},
    "/deliveries/<name>/upstream": {"release": "2.4", "address": "https://forge.example/2.4"},
    "/deliveries/<name>/upstream-seen": {"answer": "yes"},
    "/milestones/<name>/extension": {"until_on": "LATER", "reason": "A reason."},
    "/milestones/<name>/amendment": {
        "reason": "A reason.", "piece-0-title": "Another", "piece-0-criteria": "It works", "piece-0-due_on": "LATER",
        "piece-0-price": "2 000",
    },
    "/reserves/<name>/answer": {"answer": "lift"},
    "/reserves/<name>/award": {"answer": "lift", "reason": "A reason."},
    "/reserves/<name>/mending": {"words": "It is mended."},
    "/shortfalls/<name>/takeovers": {"amount": "10"},
    "/freezes/<name>/end": {"freeze_reason": "A reason."},
    "/motions/<name>/voice": {"answer": "yes"},
    "/deliveries/<name>/opinions": {"percent": "50", "reason": "Half of it works."},
    "/estimates/<name>/edit": ESTIMATE,
    "/estimates/<name>/rejection": REASON,
    "/estimates/comparison/<name>/award": {"estimate": "{estimate.submitted}", "reasons": "The lowest price."},
    "/estimates/comparison/<name>/questions": {"question": "Which database?"},
    "/estimates/questions/<name>/replies": {"reply": "Any."},
    "/estimates/comparison/<name>/scores": {"estimate": "{estimate.submitted}", "points": "4"},
    "/estimates/new": ESTIMATE,
    "/donations": {"donations_address": "https://gifts.example/jalon"},
    "/interests": {"organization": "Ville Voisine", "kind": "family", "starts_on": "2020-01-01"},
    "/interests/<name>/end": {"ends_on": "SOON"},
    "/devices": {"challenge": "5e" * 32, "name": "A laptop"},
    "/invitations/<token>": {"name": "Ivy", "password": "eleven green herons", "language": "en"},
    "/language": {"language": "en"},
    "/milestones/<name>/deliveries": {"version": "v1", "evidence": "https://forge.example/v1"},
    "/needs": NEED,
    "/needs/<name>": NEED,
    "/needs/<name>/endorsements": {"users": "12"},
    "/needs/<name>/withdrawal": REASON,
    "/needs/backlogs": {"file": lambda: (BytesIO(b"software,title\nWriter,Another\n"), "backlog.csv")},
    "/organizations/<name>/details": PLACE,
    "/organizations/<name>/rejection": REASON,
    "/organizations/<name>/suspension": REASON,
    "/organizations/<name>/vat-number": {"vat_number": "FR40303265045"},
    "/password": {"current": "not this one", "password": "eleven green herons"},
    "/password/<token>": {"password": "eleven green herons"},
    "/password/forgotten": {"email": "nobody@nowhere.example"},
    "/bank/accounts": {
        "iban": "FR1420041010050500013M02606", "holder": "Us", "basis": "agent", "basis_reason": "A register.",
    },
    "/bank/files/selection": {"chosen": "{order.waiting}", "execute_on": "SOON"},
    "/bank/orders/<name>/end": REASON,
    "/means-of-payment": {"means": "stripe|card"},
    "/means-of-payment/mandates": {
        "holder": "Us", "iban": "DE89370400440532013000", "scheme": "CORE", "notice_days": "14",
    },
    "/mandates/<name>/confirmation": {"signed_on": "TODAY", "bank_confirmed_on": "TODAY"},
    "/mandates/<name>/refusal": REASON,
    "/statements": {"file": lambda: (Book([Entry([Part(200)])], name="S2").write(), "camt.xml")},
    "/suspense/<name>/sending-back": REASON,
    "/left-over/<name>/match": {"number": "{number.defaulted}"},
    "/left-over/<name>/sending-back": REASON,
    "/left-over/<name>/approval": {"cents": "1500"},
    "/payee-account/provider": {"rail": "stripe"},
    "/desk/<rail>/explanations": {"outside_id": "nothing", "reason": "A reason."},
    "/payee-accounts/<name>/refusal": REASON,
    "/payee-account": {"rail": "sandbox", "holder": "Us", "account": "FR7630001007941234567890187"},
    "/payouts/<name>/approval": {"pinned": "{hash.prepared}"},
    "/payouts/<name>/hold": REASON,
    "/payouts/<name>/elsewhere": {"means": "Transfer", "reference": "R-1", "paid_on": "TODAY", "why": "Too late."},
    "/payouts/<name>/return": REASON,
    "/payouts/selection": {"chosen": "{payout.due}"},
    "/payouts/approvals": {"chosen": "{payout.prepared}:{hash.prepared}"},
    "/people/<name>/roles": {"member": "on", "approver": "on"},
    "/people/invite": {"name": "Jo", "email": "jo@banque.example", "language": "en", "member": "on"},
    "/pledges/<name>/approval": {"text": "{hash.awaiting}"},
    "/pledges/<name>/refusal": REASON,
    "/pledges/<name>/signature": {"text": "{hash.drafted}"},
    "/pledges/<name>/withdrawal": REASON,
    "/roadmap/<name>/drop": REASON,
    "/roadmap/<name>/needs": {"need-{need.published}": "on"},
    "/roadmap/<name>/plan": {"planned_on": "SOON"},
    "/roadmap/answers/<name>/decline": REASON,
    "/roadmap/new": {"title": "One more item", "planned_on": "SOON", "need-{need.published}": "on"},
    "/sandbox/payments": {"how": "pay", "amount": "10", "name": "Us", "account": "XX1", "reference": "NOTHING"},
    "/sandbox/payments/<name>": {"happened": "charged back", "reason": "A reason."},
    "/sign-in": {"email": "nobody@nowhere.example", "password": "eleven green herons"},
    "/sign-in/demo": {"name": "{person.buyer}"},
    "/software": {"name": "Calc", "repository_url": "https://forge.example/calc", "license": "MIT"},
    "/software/<name>/maintainer/end": REASON,
    "/start": {"start_code": "no code"},
    "/suspense/<name>/match": {"number": "{number.defaulted}"},
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the table: what is asked, about which thing, and each person's answer."""

    method: str
    rule: str
    thing: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule} {self.thing}".strip()

    def written(self, answers: dict[str, str]) -> str:
        """This line with these answers, as the table writes it."""
        codes = " ".join(f"{answers[who]:3}" for who in answers)
        return f"{self.method:4} {self.rule:36} {self.thing or '-':29} {codes}".rstrip()


def _read(table: str) -> tuple[tuple[str, ...], list[Line]]:
    """The people of the head line, and the lines under it."""
    head, *rows = (row for row in table.splitlines() if row.strip() and not row.startswith("--"))
    people = tuple(WHO[short] for short in head.split())
    lines = []
    for row in rows:
        method, rule, thing, *answers = row.split()
        lines.append(
            Line(method, rule, "" if thing == "-" else thing, dict(zip(people, answers, strict=True)))
        )
    return people, lines


PEOPLE, LINES = _read(TABLE)
