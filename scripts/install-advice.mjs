// Turns the end of npm's output into one sentence on what to do next.
//
// npm prints error codes; people who only want to start a server should not have to know them.

const advice = [
  [/ENOSPC/, 'The disk is full: about 1 GB is needed. Free some space and run the command again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|network/i,
    'The npm registry cannot be reached. Check the network, the proxy (npm config get proxy) and the registry (npm config get registry), then run the command again.',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_/,
    "The registry's certificate is not trusted. Point npm at your organisation's certificate (npm config set cafile FILE) and run the command again.",
  ],
  [
    /E401|E403|ENEEDAUTH/,
    'The registry refuses access. Log in (npm login) or choose another registry (npm config set registry URL).',
  ],
  [
    /can only install packages when your package\.json and package-lock\.json/,
    'package.json and package-lock.json disagree. Run npm install, and commit the changed package-lock.json.',
  ],
  [
    /E404|ETARGET/,
    'The registry does not have a package that is needed. A mirror may lag behind: try another registry (npm config set registry URL).',
  ],
  [/EINTEGRITY/, 'A downloaded package does not match its checksum. Run npm cache verify, then run the command again.'],
  [
    /EACCES|EPERM|EROFS/,
    'Files here cannot be written. Check who owns this folder and node_modules, then run the command again.',
  ],
  [/EBADENGINE|Unsupported engine/, 'A package refuses this version of Node. Install a current Node 20, 22 or 24.'],
];

export function adviseOnInstallFailure(output) {
  const errorLines = output
    .split('\n')
    .filter((line) => !/^npm (warn|notice)/i.test(line))
    .join('\n');
  const found = advice.find(([pattern]) => pattern.test(errorLines));
  return found?.[1] ?? 'Remove node_modules and run the command again; if it fails again, the output above says why.';
}
