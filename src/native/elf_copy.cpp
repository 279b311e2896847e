// SPDX-License-Identifier: Apache-2.0
#include "native/elf_copy.hpp"

#include "native/debug_info_find.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace symup::native {

namespace {

constexpr std::size_t block_bytes = 256U * 1024U;

// Writes a file front to back.
class file_writer {
public:
  explicit file_writer(int fd) noexcept : fd_(fd) {}
  [[nodiscard]] std::uint64_t at() const noexcept { return at_; }
  expected<void> write(const void* bytes, std::size_t size) {
    const auto* from = static_cast<const char*>(bytes);
    while (size != 0) {
      const auto wrote = ::pwrite(fd_, from, size, static_cast<off_t>(at_));
      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        return fail(errc::io_failed, std::string("temporary file: ") + std::strerror(errno));
      from += wrote;
      at_ += static_cast<std::uint64_t>(wrote);
      size -= static_cast<std::size_t>(wrote);
    }
    return {};
  }
  expected<void> align(std::size_t to) {
    const char zeros[16] = {};
    return write(zeros, (to - at_ % to) % to);
  }

private:
  int fd_;
  std::uint64_t at_ = 0;
};

expected<void> inflate_into(file_writer& out, std::string_view deflated, std::uint64_t size,
                            const std::string& where) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK)
    return fail(errc::out_of_memory, "zlib");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  std::vector<unsigned char> block(block_bytes);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflated.data()));
  for (int state = Z_OK; state == Z_OK;) {
    if (stream.avail_in == 0) {
      const auto part = std::min<std::size_t>(deflated.size(), 1U << 30U);
      stream.avail_in = static_cast<uInt>(part);
      deflated.remove_prefix(part);
    }
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    const auto made = block.size() - stream.avail_out;
    if (made > size || (made == 0 && state != Z_STREAM_END))
      break;
    size -= made;
    if (auto written = out.write(block.data(), made); !written)
      return written;
    if (state == Z_STREAM_END && size == 0)
      return {};
  }
  return fail(errc::unsupported_binary, where + ": damaged compressed section");
}

bool wanted(std::string_view name) noexcept {
  return name.substr(0, 7) == ".debug_" || name == ".gnu_debugaltlink";
}

// Copies one section's bytes; `header` then says where they are.
expected<void> copy_section(const elf_file& file, Elf_Scn* section, Elf64_Shdr& header,
                            file_writer& out) {
  const Elf_Data* const data = elf_rawdata(section, nullptr);
  if (data == nullptr || (data->d_buf == nullptr && data->d_size != 0))
    return fail(errc::unsupported_binary, file.path + ": a section reaches beyond the file");
  if (auto aligned = out.align(16); !aligned)
    return aligned;
  header.sh_offset = out.at();
  header.sh_addralign = 1;
  const std::string_view bytes(static_cast<const char*>(data->d_buf), data->d_size);
  if ((header.sh_flags & SHF_COMPRESSED) == 0) {
    header.sh_size = bytes.size();
    return out.write(bytes.data(), bytes.size());
  }
  Elf64_Chdr compression;
  if (bytes.size() < sizeof compression)
    return fail(errc::unsupported_binary, file.path + ": damaged compression header");
  std::memcpy(&compression, bytes.data(), sizeof compression);
  header.sh_flags &= ~static_cast<Elf64_Xword>(SHF_COMPRESSED);
  header.sh_size = compression.ch_size;
  return inflate_into(out, bytes.substr(sizeof compression), compression.ch_size, file.path);
}

} // namespace

expected<file_handle> inflate_debug_sections(const elf_file& file, const binary_options& options) {
  Elf* const elf = file.elf.get();
  if (gelf_getclass(elf) != ELFCLASS64)
    return file_handle();
  auto target = make_temporary_file(options);
  if (!target)
    return target;
  file_writer out(target->get());
  Elf64_Ehdr head = *elf64_getehdr(elf);
  if (auto written = out.write(&head, sizeof head); !written)
    return fail(written.error());
  std::size_t names = 0;
  elf_getshdrstrndx(elf, &names);
  std::vector<Elf64_Shdr> headers(1); // section 0
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    const Elf64_Shdr* const original = elf64_getshdr(section);
    if (original == nullptr)
      return fail(errc::unsupported_binary, file.path + ": damaged section table");
    headers.push_back(*original);
    const char* const name = elf_strptr(elf, names, original->sh_name);
    const bool is_names = headers.size() - 1 == names;
    if (original->sh_type != SHT_NOBITS && name != nullptr && (is_names || wanted(name))) {
      if (auto copied = copy_section(file, section, headers.back(), out); !copied)
        return fail(copied.error());
    } else {
      headers.back().sh_type = SHT_NOBITS;
    }
  }
  if (auto aligned = out.align(16); !aligned)
    return fail(aligned.error());
  head.e_phnum = 0;
  head.e_phoff = 0;
  head.e_shoff = out.at();
  head.e_shentsize = sizeof(Elf64_Shdr);
  if (head.e_shnum != 0 && headers.size() < SHN_LORESERVE)
    head.e_shnum = static_cast<Elf64_Half>(headers.size());
  if (auto written = out.write(headers.data(), headers.size() * sizeof headers[0]); !written)
    return fail(written.error());
  if (::pwrite(target->get(), &head, sizeof head, 0) != static_cast<ssize_t>(sizeof head))
    return fail(errc::io_failed, std::string("temporary file: ") + std::strerror(errno));
  return target;
}

expected<file_handle> copy_file(const elf_file& file) {
  file_handle target(::memfd_create("symup-binary", MFD_CLOEXEC));
  if (!target)
    return fail(errc::io_failed, std::string("memfd_create: ") + std::strerror(errno));
  file_writer out(target.get());
  std::vector<char> block(block_bytes);
  while (out.at() < file.size) {
    const auto got = ::pread(file.file.get(), block.data(),
                             std::min<std::uint64_t>(block.size(), file.size - out.at()),
                             static_cast<off_t>(out.at()));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return fail(errc::io_failed,
                  file.path + ": " + (got == 0 ? "it became shorter" : std::strerror(errno)));
    if (auto written = out.write(block.data(), static_cast<std::size_t>(got)); !written)
      return fail(written.error());
  }
  return target;
}

} // namespace symup::native
