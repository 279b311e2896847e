// SPDX-License-Identifier: Apache-2.0
// node gunzip.cjs MEMBER OUT: decodes whole and as a stream; both must agree.
'use strict';
const fs = require('fs');
const zlib = require('zlib');

const [member, out] = process.argv.slice(2);
const whole = zlib.gunzipSync(fs.readFileSync(member));
const pieces = [];
fs.createReadStream(member, { highWaterMark: 1000 })
  .pipe(zlib.createGunzip({ chunkSize: 512 }))
  .on('data', (piece) => pieces.push(piece))
  .on('end', () => {
    if (!Buffer.concat(pieces).equals(whole)) throw new Error('whole and streamed text differ');
    fs.writeFileSync(out, whole);
  });
