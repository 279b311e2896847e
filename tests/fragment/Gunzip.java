// SPDX-License-Identifier: Apache-2.0
// java Gunzip.java MEMBER OUT: decodes from a source that, as a socket, gives a few bytes at a
// time and never says that more are available.

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

class Gunzip {
  static class SlowStream extends FilterInputStream {
    SlowStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return super.read(bytes, offset, Math.min(length, 100));
    }

    @Override
    public int available() {
      return 0;
    }
  }

  public static void main(String[] arguments) throws IOException {
    try (InputStream file = Files.newInputStream(Path.of(arguments[0]));
        InputStream member = new GZIPInputStream(new SlowStream(file))) {
      Files.write(Path.of(arguments[1]), member.readAllBytes());
    }
  }
}
