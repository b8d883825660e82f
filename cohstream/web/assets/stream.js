// Talking to the server: questions, and the stream of summaries.

/** JSON of `url`; throws with the server's own words if it refuses. */
export async function ask(url, query = {}) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== null));
  const answer = await fetch(`${url}${asked.size ? `?${asked}` : ""}`);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ?? `the server answered ${answer.status}`);
  return body;
}

const RETRY = 3_000;

/** Follow the summaries of one selection; returns a function that stops. */
export function follow(selection, { onSummary, onLost }) {
  let source;
  let retry;
  const open = () => {
    source = new EventSource(`events?${new URLSearchParams(selection)}`);
    source.addEventListener("summary", ({ data }) => onSummary(JSON.parse(data)));
    source.addEventListener("error", () => {
      onLost();
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY);
    });
  };
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}
