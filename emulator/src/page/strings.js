// Knows every sentence of the page, in Korean and in English.
const ko = {
  title: "카카오톡 에뮬레이터", skip: "메시지 입력으로 건너뛰기", close: "닫기", cancel: "취소", ok: "확인", yes: "예", no: "아니요",
  chats: "채팅", newPerson: "새 사람", newRoom: "새 그룹방", personName: "이름", roomName: "방 이름", bot: "봇", me: "나", room: "그룹방",
  language: "언어", theme: "화면", themeAuto: "시스템", themeLight: "밝게", themeDark: "어둡게", outsideImages: "외부 이미지 불러오기",
  openChats: "채팅 목록 열기", openSide: "설정과 살펴보기 열기", sideArea: "설정과 살펴보기", conversation: "대화", unread: "읽지 않음",
  chatOf: "{0}의 채팅방", roomWith: "그룹방 · {0}", speaker: "말하는 사람", offline: "연결이 끊겼어요. 다시 연결하고 있어요…",
  plus: "더 보내기", messageLabel: "메시지", messageHint: "메시지 입력", send: "보내기", removePhoto: "{0} 빼기",
  wrongType: "{0}: JPEG, PNG, GIF, WebP 사진만 보낼 수 있어요.", tooLarge: "{0}: 20 MB보다 커요.", tooMany: "보안 이미지는 {0}장까지 보낼 수 있어요.", unreadable: "{0}: 사진을 읽을 수 없어요. 빼거나 다시 골라 주세요.",
  secureHint: "보안 이미지로 함께 보내요", securePhotos: "보안 이미지 {0}장", photo: "사진", video: "동영상",
  securePlugin: "보안 이미지 플러그인", sendVideo: "동영상 보내기", enter: "채팅방 들어오기", runEvent: "이벤트 실행", eventName: "이벤트 이름",
  skillTest: "스킬 테스트", botTest: "봇 테스트", testText: "발화", hello: "안녕하세요", noWelcome: "이 봇에는 웰컴 블록이 없어요.",
  sentRaw: "있는 그대로의 요청을 보냈어요", eventRan: "이벤트를 실행했어요 · {0}", entered: "채팅방에 들어왔어요", blockRan: "블록을 실행했어요 · {0}",
  notShownShort: "표시되지 않은 답", silentShort: "아무 말도 하지 않음", promisedShort: "나중에 답하기로 함", expiredShort: "콜백 시간이 지났어요", noPicture: "사진을 불러올 수 없어요",
  inspect: "살펴보기", sending: "보내는 중", notSent: "보내지 못했어요: {0}", notSentShort: "보내지 못함", sendAgain: "다시 보내기", discard: "지우기",
  calling: "응답을 기다리는 중 · {0}초 / {1}초", awaiting: "답변을 만들고 있어요 · {0}초 남음", refusedAttempts: "거절된 콜백 {0}번",
  timedOut: "답이 오지 않았어요 — {0}초 안에 응답하지 않았어요 (1001)", failed: "말풍선이 표시되지 않았어요 — 스킬 오류",
  refused: "말풍선이 표시되지 않았어요 — 규칙 위반 2461", laterRefused: "콜백 말풍선이 표시되지 않았어요 — 규칙 위반 2461",
  promised: "봇이 나중에 답하겠다고 했어요 (대기 메시지 없음)", silent: "봇이 아무 말도 하지 않았어요", expired: "콜백이 오지 않은 채 시간이 지났어요",
  andMore: " 외 {0}건", shortened: "잘리거나 무시된 곳 {0}", earlier: "이전 메시지", sayHello: "첫 메시지를 보내 보세요.",
  noBots: "등록된 봇이 없어요.", connecting: "연결하고 있어요…", showAll: "전체 보기", quickReplies: "바로가기 응답", forward: "전달",
  slide: "카드", carousel: "캐러셀", swipe: "화살표로 넘기기", cards: "카드 {0}장", previous: "이전 카드", next: "다음 카드", won: "{0}원",
  "would.phone": "전화 걸기: {0}", "would.share": "공유: 이 말풍선을 다른 채팅방에 보냅니다.", "would.operator": "상담직원 연결: 이제부터 사람이 답합니다.",
  "would.guide": "봇 사용법을 엽니다.", "would.invite": "이 봇을 다른 채팅방에 초대합니다.", "would.inviteMember": "이 방에 사람을 초대합니다.",
  "would.mention": "입력창에 봇을 멘션합니다.", "would.settings": "봇 설정을 엽니다.", "would.nothing": "할 수 있는 일이 없어요: {0}",
  settings: "설정", settingsHint: "이 채팅에서 보내는 다음 메시지부터 적용돼요.", friend: "채널 친구", friendHint: "끄면 추가하지 않았거나 차단한 사람이에요.",
  callback: "콜백", asBlock: "블록 설정대로", on: "켜기", off: "끄기", devChannel: "개발 채널", asBot: "봇 설정대로", block: "블록", automatic: "자동",
  appUserId: "연결된 앱 사용자 ID", appUserHint: "없음",
  faults: "장애", faultsHint: "이 봇에 바로 적용돼요.", faultsActive: "장애 주입 중", noFaults: "장애 없음", presets: "빠른 설정",
  "preset.normal": "정상", "preset.slow": "느림", "preset.refusing": "거부", "preset.cutting": "끊김",
  skillFaults: "스킬 호출", callbackFaults: "콜백", latency: "지연 (ms)", dropAnswer: "답 잃어버리기", mode: "방식", settle: "확인 응답 처리 시간 (ms)", times: "횟수 (빈칸은 계속)", location: "리디렉션 주소",
  "mode.ok": "정상", "mode.refuse": "토큰 거부 (400)", "mode.serverError": "서버 오류 (500)", "mode.acceptThenCut": "받고 나서 끊기", "mode.cutBeforeAccept": "받기 전에 끊기",
  "mode.slowDrip": "한 바이트씩 느리게", "mode.huge": "64 MiB 응답", "mode.neverEnding": "끝나지 않는 응답", "mode.badJson": "깨진 JSON", "mode.failBody": "200에 FAIL", "mode.redirect": "리디렉션 (307)",
  clock: "시계", clockHint: "콜백과 사진 주소의 만료를 앞당겨요.", advance: "시계 +1분", advanced: "시계를 1분 앞으로 돌렸어요.",
  inspector: "살펴보기", inspectorHint: "메시지 옆의 ⓘ 단추를 누르면 요청과 응답을 볼 수 있어요.", exchange: "주고받음", user: "사용자", status: "상태 코드", elapsed: "걸린 시간", requestId: "X-Request-Id",
  brokenRules: "어긴 규칙", callbackRules: "콜백이 어긴 규칙", request: "요청", response: "응답", state: "상태", ackAt: "콜백 약속", postedAt: "콜백 도착", expiresAt: "만료", delivered: "전달됨",
  noAttempts: "아직 콜백이 오지 않았어요.", attempt: "시도 {0}", connectionCut: "연결 끊김", answered: "답한 내용", callbackBody: "콜백 본문",
  copied: "복사했어요.", notCopied: "복사하지 못했어요.", copyOf: "{0} 복사", milliseconds: "{0} ms",
  "severity.refused": "답 전체가 버려짐", "severity.display": "일부가 잘리거나 무시됨",
  "outcome.pending": "호출 중", "outcome.answered": "답함", "outcome.waiting": "콜백 약속", "outcome.timeout": "시간 초과", "outcome.failed": "실패", "outcome.refused": "규칙 위반",
  "callback.open": "기다리는 중", "callback.used": "사용됨", "callback.expired": "만료됨", "callback.refusedAck": "쓸 수 없음 (약속하지 않음)", "callback.testing": "테스트용, 쓸 수 없음",
  panel: "운영", panelFailed: "운영 화면({0})을 불러오지 못했어요: {1}", panelOrigin: "주소가 이 페이지와 다른 곳에 있어요",
  "rule.action": "없는 동작", "rule.amount": "금액 형식", "rule.block": "없는 블록", "rule.body-size": "본문 크기", "rule.bubble-bytes": "말풍선 크기", "rule.callback-again": "콜백 안의 콜백",
  "rule.callback-template": "useCallback 옆의 template", "rule.callback-without-url": "callbackUrl 없는 콜백 약속", "rule.carousel-header": "캐러셀 헤더", "rule.carousel-parts": "캐러셀 구성 불일치",
  "rule.carousel-ratio": "캐러셀 이미지 비율", "rule.carousel-wrapper": "캐러셀 항목 형식", "rule.channel-only": "채널에서만", "rule.component": "컴포넌트", "rule.content-type": "Content-Type", "rule.count": "개수",
  "rule.deadline": "응답 시간", "rule.description-without-title": "제목 없는 설명", "rule.discount": "할인 표시", "rule.group-only": "그룹방에서만", "rule.head-with-profile": "head와 profile 함께", "rule.json": "JSON 형식",
  "rule.label-length": "버튼 글자 수", "rule.length": "글자 수", "rule.lines": "줄 수", "rule.ratio": "이미지 비율", "rule.required": "필수 항목", "rule.text-length": "본문 글자 수",
  "rule.thumbnail-2461": "썸네일 없음", "rule.type": "형식", "rule.url": "주소", "rule.value": "값", "rule.version": "version",
};

const en = {
  title: "KakaoTalk emulator", skip: "Skip to the message field", close: "Close", cancel: "Cancel", ok: "OK", yes: "yes", no: "no",
  chats: "Chats", newPerson: "New person", newRoom: "New group room", personName: "Name", roomName: "Room name", bot: "Bot", me: "Me", room: "Group",
  language: "Language", theme: "Appearance", themeAuto: "System", themeLight: "Light", themeDark: "Dark", outsideImages: "Load outside images",
  openChats: "Open the chats", openSide: "Open settings and inspector", sideArea: "Settings and inspector", conversation: "Conversation", unread: "Unread",
  chatOf: "Chat of {0}", roomWith: "Group room · {0}", speaker: "Speaking", offline: "The connection was lost. Connecting again…",
  plus: "More to send", messageLabel: "Message", messageHint: "Write a message", send: "Send", removePhoto: "Remove {0}",
  wrongType: "{0}: only JPEG, PNG, GIF and WebP photos can be sent.", tooLarge: "{0} is larger than 20 MB.", tooMany: "At most {0} secure images can be sent.", unreadable: "{0} cannot be read. Remove it or choose it again.",
  secureHint: "Sent together as secure images", securePhotos: "{0} secure image(s)", photo: "Photo", video: "Video",
  securePlugin: "Secure image plugin", sendVideo: "Send a video", enter: "Enter the chat room", runEvent: "Run an event", eventName: "Event name",
  skillTest: "Skill test", botTest: "Bot test", testText: "Utterance", hello: "Hello", noWelcome: "This bot has no welcome block.",
  sentRaw: "A request was sent as it is", eventRan: "Ran the event · {0}", entered: "Entered the chat room", blockRan: "Ran the block · {0}",
  notShownShort: "An answer that is not shown", silentShort: "Said nothing", promisedShort: "Promised a later answer", expiredShort: "The callback expired", noPicture: "The picture cannot be loaded",
  inspect: "Inspect", sending: "Sending", notSent: "Not sent: {0}", notSentShort: "Not sent", sendAgain: "Send again", discard: "Discard",
  calling: "Waiting for the skill · {0} s of {1} s", awaiting: "An answer is on its way · {0} s left", refusedAttempts: "{0} callback(s) turned away",
  timedOut: "No answer came — the skill took longer than {0} s (1001)", failed: "No bubble is shown — the skill failed",
  refused: "No bubble is shown — rule violation 2461", laterRefused: "The callback's bubble is not shown — rule violation 2461",
  promised: "The bot promised a later answer (no waiting message)", silent: "The bot said nothing", expired: "The time for the callback ran out",
  andMore: " and {0} more", shortened: "Cut or ignored: {0}", earlier: "Earlier messages", sayHello: "Send the first message.",
  noBots: "There is no bot.", connecting: "Connecting…", showAll: "Show all", quickReplies: "Quick replies", forward: "Forward",
  slide: "card", carousel: "carousel", swipe: "Arrow keys move through the cards", cards: "{0} cards", previous: "Previous card", next: "Next card", won: "₩{0}",
  "would.phone": "Would dial {0}", "would.share": "Would share this bubble with another chat.", "would.operator": "Would connect to a member of staff, who answers from then on.",
  "would.guide": "Would open the bot's guide.", "would.invite": "Would invite this bot to another chat.", "would.inviteMember": "Would invite people to this room.",
  "would.mention": "Would mention the bot in the message field.", "would.settings": "Would open the bot's settings.", "would.nothing": "Nothing can be done: {0}",
  settings: "Settings", settingsHint: "In force from this chat's next message on.", friend: "Friend of the channel", friendHint: "Off: not added, or blocked.",
  callback: "Callback", asBlock: "As the block says", on: "On", off: "Off", devChannel: "Development channel", asBot: "As the bot says", block: "Block", automatic: "Automatic",
  appUserId: "Linked app user id", appUserHint: "none",
  faults: "Faults", faultsHint: "In force for this bot at once.", faultsActive: "Faults are on", noFaults: "No faults", presets: "Presets",
  "preset.normal": "Normal", "preset.slow": "Slow", "preset.refusing": "Refusing", "preset.cutting": "Dropping",
  skillFaults: "Calls of the skill", callbackFaults: "Callbacks", latency: "Latency (ms)", dropAnswer: "Lose the answer", mode: "Mode", settle: "Acknowledgement counts after (ms)", times: "Times (empty: always)", location: "Redirect to",
  "mode.ok": "As documented", "mode.refuse": "Refuse the token (400)", "mode.serverError": "Server error (500)", "mode.acceptThenCut": "Accept, then cut", "mode.cutBeforeAccept": "Cut before accepting",
  "mode.slowDrip": "Byte by byte", "mode.huge": "64 MiB answer", "mode.neverEnding": "Answer never ends", "mode.badJson": "Broken JSON", "mode.failBody": "200 with FAIL", "mode.redirect": "Redirect (307)",
  clock: "Clock", clockHint: "Makes callbacks and photo addresses expire sooner.", advance: "Clock +1 minute", advanced: "The clock was moved forward by a minute.",
  inspector: "Inspector", inspectorHint: "Press the ⓘ beside a message to see its request and response.", exchange: "Exchange", user: "User", status: "Status", elapsed: "Elapsed", requestId: "X-Request-Id",
  brokenRules: "Broken rules", callbackRules: "Rules the callback breaks", request: "Request", response: "Response", state: "State", ackAt: "Promised at", postedAt: "Posted at", expiresAt: "Expires at", delivered: "Delivered",
  noAttempts: "No callback has come yet.", attempt: "Attempt {0}", connectionCut: "connection cut", answered: "Answered", callbackBody: "Callback body",
  copied: "Copied.", notCopied: "Could not be copied.", copyOf: "Copy {0}", milliseconds: "{0} ms",
  "severity.refused": "the whole answer is thrown away", "severity.display": "something is cut or ignored",
  "outcome.pending": "Being called", "outcome.answered": "Answered", "outcome.waiting": "Callback promised", "outcome.timeout": "Timed out", "outcome.failed": "Failed", "outcome.refused": "Rule broken",
  "callback.open": "waited for", "callback.used": "used", "callback.expired": "expired", "callback.refusedAck": "unusable (not promised)", "callback.testing": "of a console, unusable",
  panel: "Operator", panelFailed: "The panel {0} could not be loaded: {1}", panelOrigin: "it is not of this page's origin",
  "rule.action": "Unknown action", "rule.amount": "Amount", "rule.block": "Unknown block", "rule.body-size": "Body size", "rule.bubble-bytes": "Bubble size", "rule.callback-again": "Callback within a callback",
  "rule.callback-template": "Template beside useCallback", "rule.callback-without-url": "Callback without callbackUrl", "rule.carousel-header": "Carousel header", "rule.carousel-parts": "Carousel parts differ",
  "rule.carousel-ratio": "Carousel picture ratio", "rule.carousel-wrapper": "Carousel item", "rule.channel-only": "Channel chats only", "rule.component": "Component", "rule.content-type": "Content-Type", "rule.count": "Count",
  "rule.deadline": "Deadline", "rule.description-without-title": "Description without title", "rule.discount": "Discount", "rule.group-only": "Group rooms only", "rule.head-with-profile": "Head beside profile", "rule.json": "JSON",
  "rule.label-length": "Label length", "rule.length": "Length", "rule.lines": "Lines", "rule.ratio": "Picture ratio", "rule.required": "Required field", "rule.text-length": "Text length",
  "rule.thumbnail-2461": "No thumbnail", "rule.type": "Type", "rule.url": "Address", "rule.value": "Value", "rule.version": "version",
};

const TABLES = { ko, en };
let chosen = "ko";

export const language = () => chosen;

export function setLanguage(wanted) {
  chosen = wanted in TABLES ? wanted : "ko";
}

/** The sentence, with `{0}` and so on filled in. */
export function t(key, ...values) {
  const sentence = TABLES[chosen][key] ?? key;
  return sentence.replace(/\{(\d)\}/g, (_, index) => String(values[index]));
}

/** The name of a rule in words; rules of later platforms keep their short name. */
export const ruleName = (rule) => TABLES[chosen][`rule.${rule}`] ?? rule;

/** Puts the sentences into what the HTML names. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.tLabel);
  }
}
