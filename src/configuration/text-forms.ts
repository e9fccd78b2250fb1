import { isIP } from 'node:net';
import type { TextForm } from './setting.ts';

/** RFC 1123, as Kubernetes checks names. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const maxLabelCharacters = 63;
const maxSubdomainCharacters = 253;

function isDnsLabel(text: string): boolean {
  return text.length <= maxLabelCharacters && label.test(text);
}

function isDnsSubdomain(text: string): boolean {
  return text.length <= maxSubdomainCharacters && text.split('.').every(part => label.test(part));
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//.test(text) || /\s/.test(text)) return false;
  return url.username === '' && url.password === '';
}

/** A server's address: nothing after the path, because requests append to it. */
function isHttpEndpoint(text: string): boolean {
  return isHttpUrl(text) && !/[?#]/.test(text);
}

/** The same form, or nothing. */
function optional(form: TextForm): TextForm {
  return { expected: `${form.expected}, or nothing`, accepts: text => text === '' || form.accepts(text) };
}

export const dnsLabel: TextForm = {
  expected: `at most ${maxLabelCharacters} lower-case letters, digits and dashes`,
  accepts: isDnsLabel,
};

export const dnsSubdomain: TextForm = {
  expected: 'a DNS name of lower-case letters, digits, dashes and dots',
  accepts: isDnsSubdomain,
};

export const httpUrl: TextForm = {
  expected: 'an http or https URL without user name and password',
  accepts: isHttpUrl,
};

export const httpEndpoint: TextForm = {
  expected: 'an http or https URL without user name, password, query and fragment',
  accepts: isHttpEndpoint,
};

export const optionalHttpEndpoint: TextForm = optional(httpEndpoint);

export const optionalIpAddress: TextForm = optional({
  expected: 'an IPv4 or IPv6 address without brackets and port',
  accepts: text => isIP(text) !== 0,
});

export const filePath: TextForm = { expected: 'the path of a file', accepts: text => text !== '' };

export const folderPath: TextForm = { expected: 'the path of a folder', accepts: text => text !== '' };

export const optionalAbsolutePath: TextForm = optional({
  expected: 'an absolute path',
  accepts: text => text.startsWith('/'),
});

/** The API server projects to relative paths inside the volume, and keeps names that begin with two dots to itself. */
export const projectedPath: TextForm = {
  expected: 'a file name inside the volume',
  accepts: text => isPrintable(text) && !text.startsWith('..') && text.split('/').every(isPlainSegment),
};

function isPlainSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..';
}

export const audience: TextForm = {
  expected: 'an audience: without one, the token is for the API server and AWS refuses it',
  accepts: text => text.trim() !== '',
};

export const optionalAccountId: TextForm = optional({
  expected: 'the 12 digits of an AWS account',
  accepts: text => /^[0-9]{12}$/.test(text),
});

export const optionalPartition: TextForm = optional({
  expected: 'an AWS partition such as aws or aws-cn',
  accepts: text => /^aws(?:-[a-z0-9]+)*$/.test(text),
});

export const optionalRegion: TextForm = optional({
  expected: 'an AWS region such as eu-central-1',
  accepts: text => label.test(text),
});

/** True when the text has no control character. */
export function isPrintable(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
