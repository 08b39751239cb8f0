using BeschutWerk.Cli;

return await Bw.RunAsync(args, Console.Out, Console.Error);
