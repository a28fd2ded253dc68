// What the emulator says in English about an answer, in Korean. A sentence that is not here stays
// as it is.
import { language } from "./strings.js";

const KO = [
  [/^the skill answered with status (\d+)$/, "스킬이 상태 코드 $1로 응답했어요"],
  [/^the skill's answer is not JSON$/, "스킬의 응답이 JSON이 아니에요"],
  [/^the answer was lost \(a fault that was asked for\)$/, "응답이 유실됐어요 (장애 탭에서 켠 장애)"],
  [/^the answer is longer than 4 MiB$/, "응답이 4 MiB보다 길어요"],
  [/^the bot's header is not a valid one$/, "봇의 헤더값이 올바르지 않아요"],
  [/^connecting to the skill: /, "스킬에 연결하지 못했어요: "],
  [/^calling the skill: /, "스킬을 호출하지 못했어요: "],
  [/^no answer within (\d+) ms \(code 1001\)$/, "$1 ms 안에 응답하지 않았어요 (코드 1001)"],
  [/^the Content-Type is not application\/json$/, "Content-Type이 application/json이 아니에요"],
  [/^(\d+) bytes, at most (\d+) are sent$/, "$1바이트예요. $2바이트까지 보낼 수 있어요"],
  [/^(\d+) characters, at most (\d+) are allowed$/, "$1자예요. $2자까지 쓸 수 있어요"],
  [/^(\d+) characters, (\d+) are shown$/, "$1자 중 $2자만 보여요"],
  [/^(\d+) characters with the title, (\d+) are shown$/, "제목까지 $1자 중 $2자만 보여요"],
  [/^(\d+) lines, (\d+) are shown$/, "$1줄 중 $2줄만 보여요"],
  [/^(\d+) lines with the title, (\d+) are shown$/, "제목까지 $1줄 중 $2줄만 보여요"],
  [/^(\d+) items, at most (\d+) are allowed$/, "$1개예요. $2개까지 넣을 수 있어요"],
  [/^a carousel of (\w+) has no header$/, "$1 캐러셀에는 헤더가 없어요"],
  [/^must be one of (.+)$/, "다음 중 하나여야 해요: $1"],
  [/^must be exactly "2\.0"$/, "\"2.0\"이어야 해요"],
  [/^must be 2:1 or 1:1$/, "2:1 또는 1:1이어야 해요"],
  [/^must be an http or https address$/, "http나 https 주소여야 해요"],
  [/^must be an amount: .*$/, "금액 형식이어야 해요: 통화, 숫자, 쉼표, 소수 두 자리까지"],
  [/^must be an object$/, "객체여야 해요"],
  [/^must be true or false$/, "true나 false여야 해요"],
  [/^must be a string$/, "글이어야 해요"],
  [/^must be an integer$/, "정수여야 해요"],
  [/^must be an array$/, "목록이어야 해요"],
  [/^must be (.+)$/, "형식이 달라요: $1"],
  [/^must not be empty$/, "비어 있으면 안 돼요"],
  [/^must have exactly one component$/, "컴포넌트가 하나여야 해요"],
  [/^is no known component$/, "모르는 컴포넌트예요"],
  [/^is no action of a button$/, "버튼에 없는 동작이에요"],
  [/^a description needs a title$/, "설명에는 제목이 있어야 해요"],
  [/^a title or a description is required$/, "제목이나 설명이 있어야 해요"],
  [/^a basicCard without thumbnail is not delivered$/, "썸네일이 없는 basicCard는 전달되지 않아요"],
  [/^an item has a link or an action$/, "항목에는 링크나 동작 중 하나만 있어요"],
  [/^an item is the card's body, without the component's name$/, "항목에는 컴포넌트 이름 없이 카드 내용만 넣어요"],
  [/^all pictures of a carousel share one ratio$/, "캐러셀의 이미지는 비율이 모두 같아야 해요"],
  [/^all item cards of a carousel have it, or none$/, "캐러셀의 아이템 카드 모두에 있거나 모두에 없어야 해요"],
  [/^pictures of item cards in a carousel are 2:1$/, "캐러셀 안 아이템 카드의 이미지는 2:1이에요"],
  [/^not shown without discountedPrice$/, "discountedPrice가 없으면 보이지 않아요"],
  [/^not together with profile$/, "profile과 함께 쓸 수 없어요"],
  [/^not in group chat rooms$/, "그룹 채팅방에서는 쓸 수 없어요"],
  [/^only in group chat rooms$/, "그룹 채팅방에서만 쓸 수 있어요"],
  [/^ignored outside group chat rooms$/, "그룹 채팅방이 아니면 무시돼요"],
  [/^ignored beside useCallback$/, "useCallback과 함께면 무시돼요"],
  [/^missing: taken for the old format$/, "없어서 옛 형식으로 읽혀요"],
  [/^is required$/, "꼭 있어야 해요"],
  [/^the bot has no such block$/, "봇에 없는 블록이에요"],
  [/^the reference has no such field here$/, "문서에 없는 항목이에요"],
  [/^the request carried no callbackUrl$/, "요청에 callbackUrl이 없었어요"],
  [/^a callback cannot promise another one$/, "콜백에서 다시 콜백을 약속할 수 없어요"],
];

/** The sentence in the language of the page. */
export function inWords(sentence) {
  if (typeof sentence !== "string" || language() !== "ko") return sentence;
  for (const [said, words] of KO) if (said.test(sentence)) return sentence.replace(said, words);
  return sentence;
}
