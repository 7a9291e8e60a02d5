/**
 * What is shipped, from package-lock.json: the runtime dependencies, and those development dependencies that end up in files which are
 * served (the console's), each with all that it needs.
 */

/** Direct development dependencies whose code is bundled into dist/. */
export const BUNDLED = ['react', 'react-dom', '@tanstack/react-query', '@tanstack/react-virtual', 'wouter'];

/** Places in node_modules of what is shipped, sorted. */
export function shippedPlaces({ packages }, bundled = BUNDLED) {
  const { devDependencies = {} } = packages[''];
  // npm itself marks what is there for development alone.
  const places = new Set(Object.keys(packages).filter((place) => place !== '' && !isForDevelopment(packages[place])));
  const waiting = bundled.filter((name) => name in devDependencies).map((name) => `node_modules/${name}`);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    for (const name of Object.keys(packages[place].dependencies ?? {})) waiting.push(placeOf(packages, place, name));
  }
  return [...places].sort();
}

export function nameOf(place) {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function isForDevelopment({ dev = false, devOptional = false }) {
  return dev || devOptional;
}

/** As Node looks for it: below whoever needs it, then further and further up. */
function placeOf(packages, from, name) {
  const folders = from
    .split('/node_modules/')
    .map((_, index, parts) => parts.slice(0, parts.length - index).join('/node_modules/'));
  const place = [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].find(
    (one) => packages[one] !== undefined,
  );
  if (place === undefined) throw new Error(`package-lock.json has no ${name}, which ${from} needs: run npm install`);
  return place;
}
