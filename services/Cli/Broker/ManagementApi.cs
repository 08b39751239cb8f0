using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace BeschutWerk.Cli.Broker;

/// <summary>RabbitMQ's management HTTP API, as an administrator of the broker.</summary>
internal sealed class ManagementApi : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly string _host;

    /// <param name="address">Of the management listener, such as <c>http://localhost:15672/</c>.</param>
    /// <param name="administrator">User and password.</param>
    /// <param name="virtualHost">The one that the services use.</param>
    public ManagementApi(Uri address, Credentials administrator, string virtualHost)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = Patience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{administrator.Id}:{administrator.Secret}")));
        (VirtualHost, _host) = (virtualHost, Uri.EscapeDataString(virtualHost));
    }

    /// <summary>The virtual host that the services use.</summary>
    public string VirtualHost { get; }

    /// <summary>Makes the user, or gives the one that is there a new password.</summary>
    public async Task IssueAsync(BrokerUser user, string password, CancellationToken cancel)
    {
        await PutAsync($"users/{user.Name}", new { password, tags = "" }, cancel);
        // In this order: at no moment may it do more than at the end.
        await PutAsync($"operator-policies/{_host}/{user.Name}", user.Limits, cancel);
        await PutAsync($"topic-permissions/{_host}/{user.Name}", user.TopicPermissions, cancel);
        await PutAsync($"permissions/{_host}/{user.Name}", user.Permissions, cancel);
    }

    /// <summary>Removes the user, which ends its connections, and the queues that it leaves: nobody would empty them.</summary>
    /// <returns>How many queues there were.</returns>
    public async Task<int> RevokeAsync(BrokerUser user, CancellationToken cancel)
    {
        await DeleteAsync($"users/{user.Name}", cancel);
        var queues = await GetAsync($"queues/{_host}?columns=name", cancel);
        var left = queues.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!).Where(name => name.StartsWith(user.QueuePrefix, StringComparison.Ordinal)).ToList();
        foreach (var queue in left) await DeleteAsync($"queues/{_host}/{Uri.EscapeDataString(queue)}", cancel);
        await DeleteAsync($"operator-policies/{_host}/{user.Name}", cancel);
        return left.Count;
    }

    public void Dispose() => _http.Dispose();

    private Task PutAsync(string path, object body, CancellationToken cancel) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body), cancel);

    private Task DeleteAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Delete, path, null, cancel);

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancel) => JsonDocument.Parse(await SendAsync(HttpMethod.Get, path, null, cancel)).RootElement;

    private async Task<string> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, $"api/{path}") { Content = body };
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            return answer.StatusCode switch
            {
                _ when answer.IsSuccessStatusCode => text,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new Failure(ExitCode.Refused, $"The broker at {_http.BaseAddress} does not accept this user as its administrator."),
                HttpStatusCode.NotFound => throw Failure.NotFound($"The broker at {_http.BaseAddress} has no {Uri.UnescapeDataString(path)}."),
                var status => throw new Failure(ExitCode.Refused, $"The broker at {_http.BaseAddress} answered {(int)status}: {text}"),
            };
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new Failure(ExitCode.OutOfReach, $"Nothing answers as the broker's management at {_http.BaseAddress}: {error.Message}");
        }
    }
}
