/* Makes a photograph smaller before it is sent, and reads its camera's date, which the smaller one loses. */
const MOST_SIDE = 2000;
const SHRINKABLE = new Set(["image/jpeg", "image/png", "image/webp"]);
const EXIF_POINTER = 0x8769;
const TAKEN = [0x9003, 0x9004];

/** {file, capturedOn}: a JPEG of at most 2,000 px, or the file itself when there is nothing to gain. */
export async function shrink(file) {
  const unchanged = { file, capturedOn: "" };
  if (!SHRINKABLE.has(file.type)) return unchanged;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = MOST_SIDE / Math.max(picture.width, picture.height);
    if (scale >= 1) return unchanged;
    const blob = await drawn(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
    if (!blob || blob.size >= file.size) return unchanged;
    const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
    return { file: new File([blob], name, { type: "image/jpeg" }), capturedOn: await captureDay(file) };
  } catch {
    return unchanged; // the server says what is wrong with it
  }
}

function drawn(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0, width, height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

/** "2027-05-12" from a JPEG's camera data, or "". */
export async function captureDay(file) {
  try {
    const view = new DataView(await file.slice(0, 256 * 1024).arrayBuffer());
    if (view.getUint16(0) !== 0xffd8) return "";
    for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
      if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return dayOf(view, at + 10);
    }
  } catch { /* cut short or strange: no date */ }
  return "";
}

function dayOf(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const inner = entries(view, start, start + view.getUint32(start + 4, little), little).get(EXIF_POINTER);
  if (inner === undefined) return "";
  const taken = entries(view, start, start + inner, little);
  for (const tag of TAKEN) {
    if (!taken.has(tag)) continue;
    const text = String.fromCharCode(...new Uint8Array(view.buffer, start + taken.get(tag), 10));
    if (/^\d{4}:\d\d:\d\d$/.test(text)) return text.replaceAll(":", "-");
  }
  return "";
}

/** The values (or their places) of one directory of tags. */
function entries(view, start, directory, little) {
  const found = new Map();
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i += 1) {
    const at = directory + 2 + 12 * i;
    found.set(view.getUint16(at, little), view.getUint32(at + 8, little));
  }
  return found;
}
