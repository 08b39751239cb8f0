namespace BeschutWerk.Backbone.Store;

/// <summary>What keeps a process from starting and an operator can mend: its message is a sentence that says how.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
