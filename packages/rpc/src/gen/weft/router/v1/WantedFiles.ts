// Original file: proto/weft/router/v1/admin.proto


export interface WantedFiles {
  'files'?: (number)[];
  'version'?: (string);
}

export interface WantedFiles__Output {
  'files': (number)[];
  'version': (string);
}
