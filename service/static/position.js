// The button that fills in where the phone is; without it, or without leave, the place is chosen.
const row = document.querySelector("[data-position]");
if (row && "geolocation" in navigator) {
  const said = row.querySelector("[role=status]");
  const field = (name) => document.querySelector(`input[name=${name}]`);
  const named = document.querySelector("select[name=place]");
  row.hidden = false;
  // A place that is chosen by hand afterwards is meant instead.
  named.addEventListener("change", () => {
    if (named.value) field("place_lat").value = field("place_lon").value = said.textContent = "";
  });
  row.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field("place_lat").value = coords.latitude.toFixed(5);
        field("place_lon").value = coords.longitude.toFixed(5);
        named.value = "";
        said.textContent = row.dataset.said;
        // The list of issues begins with those near here; the position goes there in a form's body.
        row.closest("form").dispatchEvent(new Event("located"));
      },
      () => { said.textContent = row.dataset.refused; },
      { enableHighAccuracy: true, maximumAge: 60000, timeout: 10000 },
    );
  });
}
