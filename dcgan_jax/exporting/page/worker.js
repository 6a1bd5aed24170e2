/**
 * Runs the generator off the page's thread, so that sliders stay smooth while it computes.
 *
 * Takes {load: {threads}} once and answers {bytes} on the way and {loaded}; then takes
 * {latents, classes, count} and answers {pixels}. To either it may answer {error} instead.
 */
const WASM = "onnxruntime/ort-wasm-simd-threaded.wasm";

let runtime, session;

onmessage = async ({ data }) => {
  try {
    postMessage(data.load ? await load(data.load) : await draw(data));
  } catch (error) {
    postMessage({ error: error.message ?? String(error) });
  }
};

async function load({ threads }) {
  if (typeof WebAssembly === "undefined") throw new Error("this browser has no WebAssembly");
  let total = 0;
  const count = (bytes) => postMessage({ bytes: (total += bytes) });
  const [ort, wasm, model] = await Promise.all([
    import("./onnxruntime/ort.wasm.min.js"),
    bytesOf(WASM, count),
    bytesOf("generator.onnx", count),
  ]);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmBinary = wasm;
  // By an address of the page's own: its policy allows no program from a blob.
  const loader = new URL("onnxruntime/ort-wasm-simd-threaded.js", import.meta.url);
  ort.env.wasm.wasmPaths = { mjs: loader.href };
  runtime = ort;
  session = await ort.InferenceSession.create(new Uint8Array(model)).catch((error) => {
    throw new Error(`this browser cannot run it, or the files are damaged (${error.message})`);
  });
  return { loaded: true };
}

async function draw({ latents, classes, count }) {
  const rows = (values) => new runtime.Tensor("float32", values, [count, values.length / count]);
  const inputs = { latents: rows(latents) };
  if (session.inputNames.includes("classes")) inputs.classes = rows(classes);
  const { pixels } = await session.run(inputs);
  return { pixels: pixels.data };
}

async function bytesOf(path, count) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} is not there (the server says ${response.status})`);
  const parts = [];
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).arrayBuffer();
    parts.push(value);
    count(value.length);
  }
}
