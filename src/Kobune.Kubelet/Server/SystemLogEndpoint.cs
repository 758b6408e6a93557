using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kobune.Kubelet.Server;

/// <summary>GET /logs/...: files of the machine's log folder, and what lies in its folders, as upstream's kubelet serves them (ServeLogs over Go's file server). ASP.NET's static files answer ranges and conditions.</summary>
internal sealed class SystemLogEndpoint : IDisposable
{
    private const string Path = "/logs";

    private readonly PhysicalFileProvider? _folder;
    private readonly StaticFileMiddleware? _files;

    /// <param name="folder">Usually /var/log; nothing is served where it is not there.</param>
    public SystemLogEndpoint(string folder, IWebHostEnvironment environment, ILoggerFactory loggers)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        _folder = new(folder, ExclusionFilters.None);
        _files = new(NotFoundAsync, environment, Options.Create(new StaticFileOptions { FileProvider = _folder, RequestPath = Path, ServeUnknownFileTypes = true, DefaultContentType = "text/plain; charset=utf-8" }), loggers);
    }

    public void Dispose() => _folder?.Dispose();

    public Task HandleAsync(HttpContext context)
    {
        if (_folder is null || _files is null || !context.Request.Path.StartsWithSegments(Path, out var below))
        {
            return NotFoundAsync(context);
        }

        var inside = below.Value ?? "";
        var contents = _folder.GetDirectoryContents(inside);
        if (!contents.Exists)
        {
            return _files.Invoke(context);
        }

        if (inside.EndsWith('/'))
        {
            return ListAsync(context, contents);
        }

        context.Response.StatusCode = StatusCodes.Status301MovedPermanently; // as Go's: links of a listing are relative to their folder
        context.Response.Headers.Location = Uri.EscapeDataString(inside.Length == 0 ? Path[1..] : inside[(inside.LastIndexOf('/') + 1)..]) + "/";
        return Task.CompletedTask;
    }

    private static Task ListAsync(HttpContext context, IDirectoryContents contents)
    {
        var page = new StringBuilder("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
        foreach (var name in contents.Select(e => e.IsDirectory ? e.Name + "/" : e.Name).Order(StringComparer.Ordinal))
        {
            page.Append($"<a href=\"{Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)}\">{WebUtility.HtmlEncode(name)}</a>\n");
        }

        return KubeletServer.TextAsync(context, StatusCodes.Status200OK, page.Append("</pre>\n").ToString(), "text/html; charset=utf-8");
    }

    private static Task NotFoundAsync(HttpContext context) => KubeletServer.TextAsync(context, StatusCodes.Status404NotFound, "404 page not found\n");
}
