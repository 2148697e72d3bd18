/** The drawing of the front pages: a character and a movement become a film, which grows in pieces. */
import { front } from "@/core/words/front.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

interface Light {
  sky: string;
  glow: string;
  far: string;
  mid: string;
  near: string;
}

/** One evening, from the last sun to the first star: a piece of the film each. */
const EVENING: Light[] = [
  { sky: "#3c4b5e", glow: "#e6ab68", far: "#5d5750", mid: "#2d3d4b", near: "#151d25" },
  { sky: "#34465a", glow: "#dc9a5a", far: "#554e4a", mid: "#273746", near: "#131b23" },
  { sky: "#2e3f55", glow: "#c7834f", far: "#494548", mid: "#223142", near: "#111921" },
  { sky: "#28374d", glow: "#a66d50", far: "#3c3b46", mid: "#1d2b3b", near: "#10171f" },
  { sky: "#212f45", glow: "#7c5a58", far: "#313443", mid: "#192535", near: "#0e151d" },
];
const FAR =
  "M0 226C60 168 104 176 152 206 206 152 262 148 316 204 372 158 420 170 470 208 530 166 590 174 640 196V360H0Z";
const MID = "M0 262C70 214 132 236 196 258 262 216 330 226 398 262 470 222 552 228 640 252V360H0Z";
const NEAR = "M0 306C120 286 236 298 340 304 452 310 548 294 640 300V360H0Z";

/** Shapes that every piece uses again; drawn once. */
function Shapes() {
  return (
    <svg class="shapes" width="0" height="0" aria-hidden="true">
      <defs>
        {EVENING.map(({ sky, glow }, at) => (
          <>
            <linearGradient id={`sky${at}`} x1="0" y1="0" x2="0" y2="1">
              <stop offset=".05" stop-color={sky} />
              <stop offset=".7" stop-color={glow} />
            </linearGradient>
            <radialGradient id={`sun${at}`}>
              <stop stop-color="#fff1d6" />
              <stop offset=".16" stop-color="#ffdfae" stop-opacity=".95" />
              <stop offset=".2" stop-color={glow} stop-opacity=".65" />
              <stop offset="1" stop-color={glow} stop-opacity="0" />
            </radialGradient>
          </>
        ))}
        <path id="far" d={FAR} />
        <path id="mid" d={MID} />
        <path id="near" d={NEAR} />
      </defs>
    </svg>
  );
}

/** The walker; `step` says how wide the legs stand, from -1 to 1. Feet at 0,0. */
function Walker({ coat, scarf, step }: { coat: string; scarf?: string; step: number }) {
  const foot = 11 * step;
  return (
    <g class="walker" fill={coat} stroke={coat} stroke-linecap="round" stroke-linejoin="round">
      <path d={`M-1-30L${-foot} -2M1-30L${foot} -2`} stroke-width="6.5" fill="none" />
      <path d={`M-2-60L${foot * 0.9 - 4} -36M3-60L${-foot * 0.9 + 4} -36`} stroke-width="5" fill="none" />
      <path d="M-7-64Q0-69 7-64L12-24Q0-19-13-24Z" stroke="none" />
      {scarf && (
        <path
          d="M-6-68Q0-62 6-68L6-63Q0-58-5-61C-12-57-18-52-33-56-22-57-15-64-6-68Z"
          fill={scarf}
          stroke={scarf}
          stroke-width="2"
        />
      )}
      <circle cy="-76" r="8.5" stroke="none" />
    </g>
  );
}

interface SceneProps {
  /** Which hour of the evening. */
  light: number;
  x: number;
  step: number;
  scale: number;
  /** The part that is looked at. */
  view?: string;
}

function Scene({ light, x, step, scale, view = "0 0 640 360" }: SceneProps) {
  const { far, mid, near } = EVENING[light] ?? { far: "", mid: "", near: "" };
  return (
    <svg viewBox={view} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width="640" height="360" fill={`url(#sky${light})`} />
      <circle cx="410" cy={166 + light * 9} r="150" fill={`url(#sun${light})`} />
      <use href="#far" fill={far} />
      <use href="#mid" fill={mid} />
      <use href="#near" fill={near} />
      <g transform={`translate(${x} 305) scale(${scale})`}>
        <Walker coat={near} scarf="#e8a552" step={step} />
      </g>
    </svg>
  );
}

/** What goes in: a portrait of the character, and a clip of somebody who moves. */
function Inputs() {
  return (
    <div class="goes-in">
      <figure>
        <svg viewBox="0 0 160 100" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
          <rect width="160" height="100" fill="#3a4653" />
          <circle cx="80" cy="52" r="40" fill="#c98f55" opacity=".55" />
          <g transform="translate(80 132) scale(1.25)">
            <Walker coat="#1a232c" scarf="#f0b76d" step={0.25} />
          </g>
        </svg>
        <figcaption>{front.parts.character}</figcaption>
      </figure>
      <figure>
        <svg viewBox="0 0 160 100" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
          <rect width="160" height="100" fill="#2a323b" />
          <path d="M0 84H160" stroke="#ffffff1f" stroke-width="2" />
          {[36, 80, 124].map((x, at) => (
            <g transform={`translate(${x} 86) scale(.82)`} opacity={[0.3, 0.55, 1][at]}>
              <Walker coat="#aab4bd" step={[1, -0.3, 1][at] ?? 1} />
            </g>
          ))}
        </svg>
        <figcaption>{front.parts.clip}</figcaption>
      </figure>
    </div>
  );
}

/** One moment of the film, as a quiet picture above a form; `light` from 0 to 4. */
export function Dusk({ light = 2, x = 180 }: { light?: number; x?: number }) {
  return (
    <div class="dusk">
      <Shapes />
      <Scene light={light} x={x} step={1} scale={1.6} view="0 130 640 196" />
    </div>
  );
}

/** How far the walker has come at the end of each piece. */
const WAY = [{ x: 120, step: 1 }, { x: 210, step: -0.4 }, { x: 300, step: 1 }, { x: 390, step: 0.3 }, {
  x: 480,
  step: 1,
}];

export function FilmArt() {
  return (
    <div class="art" role="img" aria-label={front.picture}>
      <Shapes />
      <Inputs />
      <Icon of={icons.arrowRight} class="becomes" />
      <div class="comes-out">
        <div class="screen">
          <Scene light={1} x={268} step={1} scale={1.5} />
          <span class="tag num">{front.parts.film}</span>
        </div>
        <div class="pieces">
          {WAY.map(({ x, step }, at) => (
            <div class="piece">
              <Scene light={at} x={x} step={step} scale={1.8} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
