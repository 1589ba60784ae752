// Who logs in anew in another tab gets another token: the forms of this one go on with it, and what was typed is not refused.
const renewToken = () => {
  const token = document.cookie.match(/(?:^|; )csrftoken=(\w+)/)?.[1];
  if (token) for (const input of document.getElementsByName("csrfmiddlewaretoken")) input.value = token;
};
document.addEventListener("submit", renewToken, true);
window.addEventListener("focus", renewToken);
