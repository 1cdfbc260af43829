// Threads under two collectors, with native memory behind direct buffers, Deflater and class loading.
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.*;

public class Churn {
    static String work(int seed) throws Exception {
        Random random = new Random(seed);
        Map<Integer, byte[]> kept = new HashMap<>();
        Deque<ByteBuffer> direct = new ArrayDeque<>();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < 40000; i++) {
            kept.put(random.nextInt(3000), new byte[random.nextInt(2000)]);
            if (i % 200 == 0) {
                direct.add(ByteBuffer.allocateDirect(1 + random.nextInt(60000)).putInt(0, i));
                if (direct.size() > 20) digest.update(Integer.toString(direct.poll().getInt(0)).getBytes());
                byte[] text = ("line " + i + " ").repeat(200).getBytes(), out = new byte[4000];
                Deflater deflater = new Deflater();
                deflater.setInput(text);
                deflater.finish();
                int length = deflater.deflate(out);
                deflater.end();
                Inflater inflater = new Inflater();
                inflater.setInput(out, 0, length);
                byte[] back = new byte[text.length];
                inflater.inflate(back);
                inflater.end();
                digest.update(back);
            }
        }
        for (int key : new TreeSet<>(kept.keySet())) digest.update((key + ":" + kept.get(key).length).getBytes());
        return HexFormat.of().formatHex(digest.digest());
    }

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<String>> results = new ArrayList<>();
        for (int n = 0; n < 16; n++) {
            int seed = n;
            results.add(pool.submit(() -> work(seed)));
        }
        for (Future<String> result : results) System.out.println(result.get());
        pool.shutdown();
        for (int i = 0; i < 500; i++) {
            Thread thread = new Thread(() -> ByteBuffer.allocateDirect(10000));
            thread.start();
            thread.join();
        }
        System.gc();
        System.out.println("done");
    }
}
