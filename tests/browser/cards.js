// Answers with every kind of bubble, in the platform's own JSON. The picture and the links in them
// are served by `agent`.

export const buttons = (agent, block) => [
  { label: "예약할게요", action: "message", messageText: "2시로 예약해 주세요", extra: { place: "북촌", hour: 14 } },
  { label: "길찾기", action: "webLink", webLinkUrl: agent.page },
  block ? { label: "처음으로", action: "block", blockId: block, extra: { from: "card" } } : { label: "전화하기", action: "phone", phoneNumber: "02-123-4567" },
];

export const textCard = (agent, block) => ({
  textCard: { title: "북촌 찻집", description: "한옥 마당이 보이는 자리가 있어요.", buttons: buttons(agent, block) },
});

export const image = (agent) => ({ simpleImage: { imageUrl: agent.picture, altText: "산 위에 뜬 달" } });

export const basicCard = (agent) => ({
  basicCard: {
    title: "인왕산 야간 산책",
    description: "해가 진 뒤 한 시간 반, 초보자도 걸을 수 있어요.",
    thumbnail: { imageUrl: agent.picture, altText: "달이 뜬 산" },
    buttons: buttons(agent),
  },
});

export const commerceCard = (agent) => ({
  commerceCard: {
    title: "손난로 두 개 묶음",
    description: "여덟 시간 따뜻해요",
    price: 15000,
    discountRate: 20,
    discountedPrice: 12000,
    currency: "won",
    thumbnails: [{ imageUrl: agent.picture, altText: "손난로" }],
    profile: { nickname: "하늘상점", imageUrl: agent.picture },
    buttons: [{ label: "주문하기", action: "message", messageText: "손난로 주문할게요", extra: { item: "warmer" } }],
  },
});

export const listCard = (agent) => ({
  listCard: {
    header: { title: "가까운 찻집" },
    items: [
      { title: "느린 오후", description: "걸어서 3분", imageUrl: agent.picture, action: "message", messageText: "느린 오후 알려 주세요", extra: { placeId: 7 } },
      { title: "볕 드는 방", description: "걸어서 8분", imageUrl: agent.picture, link: { web: agent.page } },
    ],
    buttons: [{ label: "더 보기", action: "message", messageText: "찻집 더 보여 주세요" }],
  },
});

export const itemCard = (agent) => ({
  itemCard: {
    thumbnail: { imageUrl: agent.picture, altText: "승차권", width: 800, height: 400 },
    imageTitle: { title: "서울 → 강릉", description: "KTX 823" },
    itemList: [{ title: "출발", description: "11월 28일 09:01" }, { title: "좌석", description: "5호차 7A" }],
    itemListAlignment: "right",
    itemListSummary: { title: "합계", description: "27,600원" },
    buttons: [{ label: "예매 취소", action: "message", messageText: "예매를 취소해 주세요" }],
  },
});

export const carousel = (agent) => ({
  carousel: {
    type: "basicCard",
    header: { title: "이번 주말에는", description: "날씨가 맑아요.\n가까운 곳부터 골랐어요.", thumbnail: { imageUrl: agent.picture } },
    items: ["인왕산", "북악산", "남산"].map((name) => ({
      title: name,
      description: `${name} 둘레길`,
      thumbnail: { imageUrl: agent.picture, altText: `${name} 사진` },
      buttons: [{ label: "여기로 할게요", action: "message", messageText: `${name}으로 갈게요`, extra: { name } }],
    })),
  },
});

export const replies = [
  { label: "내일은요?", action: "message", messageText: "내일 날씨는 어때요?", extra: { day: 1 } },
  { label: "주말 추천", action: "message", messageText: "주말에 갈 곳을 추천해 주세요" },
];
