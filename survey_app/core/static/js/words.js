/* The sentences our scripts say, Vietnamese first; the page's language chooses. Those of jottings.js stand there. */
const WORDS = {
  vi: {
    saving: "Đang lưu", savedAt: (time) => `Đã lưu lúc ${time}`,
    kept: "Đã giữ trên máy này, sẽ tự lưu khi có mạng", signIn: "Phiên làm việc đã hết. Nội dung vẫn còn trên trang này.",
    signInLink: "Đăng nhập lại (mở trang mới)", otherUser: "Trang này đang mở bằng tài khoản khác. Nội dung chưa lưu vẫn còn trên máy này.",
    conflict: "Có hai bản khác nhau", conflictText: (who, when) => `${who} đã lưu một bản khác lúc ${when}. Hãy chọn bản muốn giữ.`,
    mine: "Bản của tôi (chưa lưu)", theirs: "Bản đã lưu", keepMine: "Giữ của tôi", takeTheirs: "Lấy bản đã lưu",
    level: (value) => (value === "" || value === null ? "Chưa chọn mức" : `Mức ${value}`), noComment: "(không có mô tả)",
    notKept: "Chưa lưu được và máy này không cho giữ tạm. Xin đừng đóng trang này.",
    noHttps: "Địa chỉ này không dùng HTTPS nên trang không mở lại được khi mất mạng. Nội dung chưa gửi vẫn được giữ trên máy này.",
    otherPage: "Trang này chưa mở lần nào trên máy này bằng tài khoản đang dùng, nên chưa nhập được khi không có mạng.",
    keptAt: (day) => `Câu trả lời như đã lưu đến ${day}, cùng phần chưa gửi.`, notSendable: "Còn câu cần Thầy/Cô xem lại trên trang nhập trước khi gửi được.",
    drop: "Bỏ phần chưa lưu này", someone: "Người khác", notSaved: "Chưa lưu", refused: "Chưa lưu được. Hãy tải lại trang rồi thử lại.",
    confirm: "Đồng ý", cancel: "Ở lại trang này", show: "Hiện", hide: "Ẩn", unsentTitle: "Còn nội dung chưa gửi",
    unsentText: (n) => `Còn ${n} câu trả lời chưa gửi lên hệ thống.`, jottedText: "Phần đã nhập ở các trang sau chưa gửi. Mở trang để gửi, hoặc bỏ.", sendFirst: "Gửi trước", stay: "Ở lại", dropAll: "Bỏ và đăng xuất",
    left: (n) => `Còn ${n} ký tự`, over: (n) => `Dài quá ${n} ký tự`, chosen: (n) => `Đã chọn ${n}`, close: "Đóng",
    notSent: "Chưa gửi được vì chưa có mạng.", none: "Không có dòng nào khớp.",
    tooBig: (name) => `${name} lớn hơn 20 MB. Hãy chụp lại hoặc nén rồi chọn lại.`,
    uploading: (name) => `Đang tải lên ${name}`, checking: (name) => `Đang kiểm tra ${name}`, tryAgain: "Thử lại", missing: (label) => `Còn thiếu: ${label}`,
    notUploaded: "Chưa tải lên được. Hãy kiểm tra mạng rồi bấm Thử lại; nội dung đã nhập vẫn còn.",
    timeLeft: (s) => (s < 0 ? "đã hết hạn" : s > 3600 ? `còn ${Math.floor(s / 3600)} giờ ${Math.floor((s % 3600) / 60)} phút` : `còn ${Math.floor(s / 60)} phút ${s % 60} giây`),
  },
  en: {
    saving: "Saving", savedAt: (time) => `Saved at ${time}`,
    kept: "Kept on this device, will be saved when the network is back", signIn: "Your session has ended. What you typed is still on this page.",
    signInLink: "Sign in again (new tab)", otherUser: "This page is open under another account. Unsaved text stays on this device.",
    conflict: "There are two different versions", conflictText: (who, when) => `${who} saved another version at ${when}. Choose the one to keep.`,
    mine: "My version (not saved)", theirs: "Saved version", keepMine: "Keep mine", takeTheirs: "Take the saved one",
    level: (value) => (value === "" || value === null ? "No level chosen" : `Level ${value}`), noComment: "(no comment)",
    notKept: "Not saved, and this device does not let us keep it. Please do not close this page.",
    noHttps: "This address does not use HTTPS, so the page cannot be opened again without a network. Unsent text is still kept on this device.",
    otherPage: "This page has never been opened on this device with the present account, so it cannot be filled in without a network.",
    keptAt: (day) => `Answers as saved until ${day}, with what has not been sent.`, notSendable: "Some answers need a look on their page before they can be sent.",
    drop: "Drop this unsaved text", someone: "Someone else", notSaved: "Not saved", refused: "Not saved. Reload the page and try again.",
    confirm: "Yes, continue", cancel: "Stay on this page", show: "Show", hide: "Hide", unsentTitle: "Some answers are not sent yet",
    unsentText: (n) => `${n} answers have not been sent.`, jottedText: "What you entered on these pages has not been sent. Open the page to send it, or drop it.", sendFirst: "Send first", stay: "Stay", dropAll: "Drop and sign out",
    left: (n) => `${n} characters left`, over: (n) => `${n} characters too long`, chosen: (n) => `${n} chosen`, close: "Close",
    notSent: "Not sent: there is no network.", none: "No row matches.",
    tooBig: (name) => `${name} is larger than 20 MB. Take it again or compress it.`,
    uploading: (name) => `Uploading ${name}`, checking: (name) => `Checking ${name}`, tryAgain: "Try again", missing: (label) => `Still needed: ${label}`,
    notUploaded: "Not uploaded. Check the network and press Try again; what you typed is still here.",
    timeLeft: (s) => (s < 0 ? "the deadline has passed" : s > 3600 ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min left` : `${Math.floor(s / 60)} min ${s % 60} s left`),
  },
};
export const words = WORDS[document.documentElement.lang] ?? WORDS.vi;

/** An element with text and attributes; children may be strings or elements. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
