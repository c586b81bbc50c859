// addon.node: what Node loads. It loads the libraries that `libraries.txt` names, then `addon.so`, which is TensorFlow.js's own addon,
// and hands over to it. Meanwhile standard error is closed to TensorFlow's initialisers, which write before anybody can tell them not to.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace {

// Standard error leads nowhere while this lives.
class Silence {
 public:
  Silence() : saved_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (saved_ >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0) close(nowhere);
  }
  ~Silence() {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  const int saved_;
};

// The folder of this file, with a slash at its end.
std::string Folder() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&Folder), &self) == 0) return "./";
  const std::string path = self.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

using Register = napi_value (*)(napi_env, napi_value);

// The entry point of addon.so, or null and what is wrong.
Register Load(std::string* wrong) {
  const Silence silence;
  const std::string folder = Folder();
  // Global, and known by their names from here on: whoever asks for libcudart.so.12 later gets this one.
  std::ifstream list(folder + "libraries.txt");
  for (std::string name; std::getline(list, name);) {
    if (name.empty() || dlopen((folder + name).c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) continue;
    *wrong = dlerror();
    return nullptr;
  }
  void* const addon = dlopen((folder + "addon.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const entry = addon == nullptr ? nullptr : dlsym(addon, "napi_register_module_v1");
  if (entry == nullptr) *wrong = dlerror();
  return reinterpret_cast<Register>(entry);
}

}  // namespace

NAPI_MODULE_INIT() {
  std::string wrong;
  const Register entry = Load(&wrong);
  if (entry != nullptr) return entry(env, exports);
  napi_throw_error(env, nullptr, wrong.c_str());
  return nullptr;
}
