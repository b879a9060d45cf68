// Requests by `fetch`.

/**
 * Sends a GET request, or a POST request with a JSON body, and reads at most so many bytes
 * in at most so many milliseconds. The answer has a `problem` if there is no complete response,
 * or else an empty one.
 */
export async function request(url, body, timeout, most) {
  const options = { signal: AbortSignal.timeout(timeout) };
  if (body !== undefined) {
    const headers = { "Content-Type": "application/json" };
    Object.assign(options, { method: "POST", headers, body });
  }
  let problem = "no connection";
  try {
    const response = await fetch(url, options);
    problem = "the response broke off";
    const retryAfter = response.headers.get("Retry-After") ?? undefined;
    const answer = { status: response.status, retryAfter, body: "", problem: "" };
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    // Chunk by chunk, so that an endless body is noticed.
    for (let size = 0; reader; ) {
      const { value } = await reader.read();
      answer.body += decoder.decode(value, { stream: Boolean(value) });
      if (!value) break;
      size += value.length;
      if (size > most) {
        reader.cancel();
        return { problem: "too large" };
      }
    }
    return answer;
  } catch ({ name }) {
    return { problem: name === "TimeoutError" ? name : problem };
  }
}
