// get asks the API for JSON and gives its data, or throws what went wrong.
export async function get(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error || answer.statusText);
  return body.data;
}

// every runs a job now and again, one run at a time, and not while nobody
// looks. What it throws goes to failed.
export function every(seconds, job, failed) {
  let running = false;
  const run = async () => {
    if (running || document.hidden) return;
    running = true;
    try {
      await job();
    } catch (err) {
      failed(err);
    }
    running = false;
  };
  setInterval(run, seconds * 1000);
  document.addEventListener("visibilitychange", run);
}
