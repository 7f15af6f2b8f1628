// Answers bench/peers/run, a line of JSON for a line of JSON:
//
//     {"do": "predict", "file": "M.onnx", "characters": [[..], ..], "units": 0}         probabilities
//     {"do": "time", "file": .., "batch": 512, "steps": 8, "units": 0, "threads": 2, "seconds": 0.5}
//                                                                                       seconds of calls
// `units`: of the states h and s that the model takes; 0 where it takes none. Each session runs through the binding's
// own call, without the promise that the public one wraps around it: a few microseconds less a call.
//
//     node onnx_worker.js FOLDER      where FOLDER/node_modules has onnxruntime-node
'use strict';
const path = require('path');
const readline = require('readline');

const folder = path.join(path.resolve(process.argv[2]), 'node_modules');
const {Tensor} = require(path.join(folder, 'onnxruntime-node'));
const {binding, initOrt} = require(path.join(folder, 'onnxruntime-node/dist/binding'));
const {version} = require(path.join(folder, 'onnxruntime-node/package.json'));
initOrt();

const sessions = new Map();

function sessionOf(file, threads) {
  const key = `${file} ${threads}`;
  if (!sessions.has(key)) {
    const session = new binding.InferenceSession();
    session.loadModel(file, {
      intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
      executionProviders: ['cpu'],
    });
    sessions.set(key, session);
  }
  return sessions.get(key);
}

function feedsOf(rows, units) {
  const feeds = {c: new Tensor('int32', Int32Array.from(rows.flat()), [rows.length, rows[0].length])};
  for (const state of units ? ['h', 's'] : []) {
    feeds[state] = new Tensor('float32', new Float32Array(rows.length * units), [1, rows.length, units]);
  }
  return feeds;
}

function fetchesOf(session) {
  return Object.fromEntries(session.outputMetadata.map((output) => [output.name, null]));
}

// A model with a state reads one character a call, and its state goes on from call to call.
function predict(request) {
  const session = sessionOf(request.file, 1);
  const rows = request.characters;
  const calls = request.units ? rows[0].map((_, t) => rows.map((row) => [row[t]])) : [rows];
  const feeds = feedsOf(calls[0], request.units);
  const predicted = calls.map((characters) => {
    feeds.c = feedsOf(characters, 0).c;
    const out = session.run(feeds, fetchesOf(session), {});
    if (request.units) Object.assign(feeds, {h: out.h_out, s: out.s_out});
    const values = Array.from(out.y.data ?? out.y.cpuData);
    const classes = values.length / rows.length;
    return rows.map((_, n) => values.slice(n * classes, (n + 1) * classes));
  });
  return {values: rows.flatMap((_, n) => predicted.flatMap((of) => of[n]))};
}

// The characters of each call are others, as in use; made beforehand.
function time(request) {
  const session = sessionOf(request.file, request.threads);
  const fetches = fetchesOf(session);
  const rows = (seed) => Array.from({length: request.batch}, (_, n) =>
      Array.from({length: request.steps}, (_, t) => (seed * 31 + n * 7 + t * 13) % 50));
  const feeds = Array.from({length: 4}, (_, seed) => feedsOf(rows(seed), request.units));
  for (let i = 0; i < 20; ++i) session.run(feeds[i % 4], fetches, {});
  // Rounds of some calls, so that the clock does not weigh.
  const seconds = [];
  let begun = process.hrtime.bigint();
  session.run(feeds[0], fetches, {});
  const calls = Math.max(1, Math.round(5e6 / Number(process.hrtime.bigint() - begun)));
  for (let spent = 0; spent < request.seconds || seconds.length < 5;) {
    begun = process.hrtime.bigint();
    for (let i = 0; i < calls; ++i) session.run(feeds[i % 4], fetches, {});
    const taken = Number(process.hrtime.bigint() - begun) * 1e-9;
    spent += taken;
    seconds.push(taken / calls);
  }
  return {seconds};
}

console.log(JSON.stringify({version: `ONNX Runtime ${version}`}));
readline.createInterface({input: process.stdin}).on('line', (line) => {
  const request = JSON.parse(line);
  console.log(JSON.stringify({predict, time}[request.do](request)));
});
