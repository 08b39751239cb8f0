using System.Text.Json;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Where a municipality has its feed sent to, and how far that came.</summary>
public sealed class WebhookRow
{
    public required Guid WebhookId { get; init; }

    /// <summary>Sealed: a <see cref="WebhookTarget"/>.</summary>
    public required byte[] Target { get; init; }

    /// <summary>Full CloudEvent types that it wants, separated by blanks; empty for all.</summary>
    public required string Types { get; init; }

    /// <summary>Up to here in the log everything was delivered, or is not wanted.</summary>
    public required long Position { get; set; }

    public WebhookState State { get; private set; } = WebhookState.NotStarted;

    public PauseReason PauseReason { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? PausedAt { get; private set; }

    public IReadOnlyList<string> WantedTypes => Types.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same as a JSON list, by the short names under which they stand in the log; <c>[]</c> for all.</summary>
    public string TypesInLog() => JsonSerializer.Serialize(WantedTypes.Select(EventTypes.NameOf));

    public void Pause(PauseReason reason, DateTimeOffset now) => (State, PauseReason, PausedAt) = (WebhookState.Paused, reason, now);

    /// <summary>Its secret was told. One that was paused meanwhile stays so.</summary>
    public void Start()
    {
        if (State == WebhookState.NotStarted) State = WebhookState.Active;
    }

    public void Resume() => (State, PauseReason, PausedAt) = (WebhookState.Active, PauseReason.Unspecified, null);
}
