// The same question for every client: the week before today.
import { readFileSync } from 'node:fs';

const DAY = 24 * 60 * 60 * 1000;

export function question() {
  const today = Math.floor(Date.now() / DAY) * DAY;
  const text = readFileSync(new URL('question.json', import.meta.url), 'utf8');
  return JSON.parse(
    text
      .replace('FROM', new Date(today - 7 * DAY).toISOString())
      .replace('TO', new Date(today - 1).toISOString()),
  );
}

export function show(answer) {
  for (const { info, counters, timers } of answer.data.records) {
    console.log(info.name, counters.allCalls.values, counters.callsByResult.values.abandoned, timers.allCalls.values);
  }
}
